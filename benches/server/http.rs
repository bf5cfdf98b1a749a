//! The least HTTP/1.1 client that keeps a connection open: what it costs is taken from the same two cores as what it measures.
//!
//! Deliberately absent: everything that the server under measurement does not send (chunks, compression, redirects).

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection to the server.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer; its body lies in the connection's buffer until the next request.
pub struct Response<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server accepts connections");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, buffer: Vec::with_capacity(64 * 1024) }
    }

    /// Sends a whole request and reads the whole answer.
    pub async fn send(&mut self, request: &[u8]) -> Response<'_> {
        self.stream.write_all(request).await.expect("the server reads");
        self.buffer.clear();
        let mut end = None;
        while end.is_none_or(|(_, end)| self.buffer.len() < end) {
            let read = self.stream.read_buf(&mut self.buffer).await.expect("the server answers");
            assert!(read > 0, "the server closed the connection in the middle of {:?}", String::from_utf8_lossy(&self.buffer));
            end = end.or_else(|| extent(&self.buffer));
        }
        let (body, end) = end.expect("the loop ends with it");
        let status = std::str::from_utf8(&self.buffer[9..12]).ok().and_then(|digits| digits.parse().ok());
        Response { status: status.expect("a status line"), body: &self.buffer[body..end] }
    }

    /// For setting up: a JSON body that is answered with JSON and success.
    pub async fn json(&mut self, request: &[u8]) -> Value {
        let shown = String::from_utf8_lossy(request).lines().next().unwrap_or_default().to_owned();
        let Response { status, body } = self.send(request).await;
        assert!((200..300).contains(&status), "{shown} was answered with {status}: {}", String::from_utf8_lossy(body));
        serde_json::from_slice(body).expect("JSON")
    }
}

/// Where the body begins and ends, once the head is there.
fn extent(received: &[u8]) -> Option<(usize, usize)> {
    let head_end = received.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&received[..head_end]).expect("a head in ASCII");
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().expect("a length"))
    });
    Some((head_end, head_end + length.expect("an answer that says its length")))
}

/// Who asks, for which household.
#[derive(Clone, Debug)]
pub struct Asker {
    pub token: String,
    pub household: Option<String>,
}

/// Writes a request anew into `buffer`.
pub fn write_request(buffer: &mut Vec<u8>, method: &str, path: &str, asker: Option<&Asker>, body: &str) {
    use std::io::Write as _;
    buffer.clear();
    write!(buffer, "{method} {path} HTTP/1.1\r\nHost: effluent\r\nContent-Length: {}\r\n", body.len()).expect("memory");
    if !body.is_empty() {
        buffer.extend_from_slice(b"Content-Type: application/json\r\n");
    }
    if let Some(Asker { token, household }) = asker {
        write!(buffer, "Authorization: Bearer {token}\r\n").expect("memory");
        if let Some(household) = household {
            write!(buffer, "X-Household-ID: {household}\r\n").expect("memory");
        }
    }
    write!(buffer, "\r\n{body}").expect("memory");
}

/// A request as bytes.
pub fn request(method: &str, path: &str, asker: Option<&Asker>, body: &Value) -> Vec<u8> {
    let (mut buffer, body) = (Vec::new(), if body.is_null() { String::new() } else { body.to_string() });
    write_request(&mut buffer, method, path, asker, &body);
    buffer
}
