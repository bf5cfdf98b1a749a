//! What lies between a server and its database, and can be cut.

use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinHandle};

use crate::Database;

/// A way to a database that can be cut: what it carries ends in the middle of a byte, as when a cable is pulled or a balancer restarts. It
/// ends with this value.
#[derive(Debug)]
pub struct Proxy {
    url: String,
    carried: Arc<Mutex<Vec<AbortHandle>>>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// A way to this database.
    pub async fn to(database: &Database) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (port, there) = (listener.local_addr().expect("its address").port(), database.port());
        let carried: Arc<Mutex<Vec<AbortHandle>>> = Arc::default();
        let carrying = Arc::clone(&carried);
        let accepting = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let carry = tokio::spawn(carry(near, there)).abort_handle();
                let mut carrying = carrying.lock().unwrap();
                carrying.retain(|carry| !carry.is_finished());
                carrying.push(carry);
            }
        });
        Self { url: database.url().replace(&format!(":{there}/"), &format!(":{port}/")), carried, accepting }
    }

    /// The database's address on this way, with the password.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Cuts every connection; new ones are carried.
    pub fn cut(&self) {
        self.carried.lock().unwrap().drain(..).for_each(|carry| carry.abort());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn carry(mut near: TcpStream, port: u16) {
    // Where nobody listens behind it, whoever came is sent away: the end of this drops the connection.
    if let Ok(mut far) = TcpStream::connect(("127.0.0.1", port)).await {
        let _ = copy_bidirectional(&mut near, &mut far).await;
    }
}
