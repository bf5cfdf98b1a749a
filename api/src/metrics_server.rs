//! Where Prometheus asks: `GET /metrics`, on a port of its own, so that it can be kept away from the world, and on a thread of its own, so
//! that it answers while the requests of clients wait.
//!
//! An address that somebody has set is a promise to whoever scrapes there: where it is taken, the process does not start. The default one
//! (`127.0.0.1:9464`) is no more than a convenience: a second process on the same machine takes any port that is free, and says which.

use std::net::{SocketAddr, TcpListener};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use prometheus::TextEncoder;

use crate::config::{Config, Source};
use crate::problem::Problem;

/// Why nobody can scrape.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot listen for Prometheus on {address}: {cause}; choose another address with EFFLUENT_METRICS_BIND, such as EFFLUENT_METRICS_BIND=127.0.0.1:0"
)]
pub struct MetricsServerError {
    address: SocketAddr,
    cause: std::io::Error,
}

/// Answers until it is stopped, or the process ends.
#[derive(Debug)]
pub struct MetricsServer {
    address: SocketAddr,
    handle: ServerHandle,
}

/// Starts to answer, on a runtime of actix. For every process that works: `serve`, and those that only project.
///
/// # Errors
/// The address is not to be had.
pub fn start(config: &Config) -> Result<MetricsServer, MetricsServerError> {
    let wanted = config.metrics_bind.value;
    let refused = |cause| MetricsServerError { address: wanted, cause };
    let listener = match TcpListener::bind(wanted) {
        Err(cause) if cause.kind() == std::io::ErrorKind::AddrInUse && config.metrics_bind.source == Source::Default => {
            tracing::warn!("{wanted} is taken, by another process of ours perhaps: metrics are on another port");
            TcpListener::bind(SocketAddr::new(wanted.ip(), 0))
        }
        bound => bound,
    };
    let listener = listener.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let app = || App::new().route("/metrics", web::get().to(scrape));
    let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).map_err(refused)?.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Ok(MetricsServer { address, handle })
}

impl MetricsServer {
    /// The line that says where: `metrics on http://127.0.0.1:9464/metrics`, for standard output.
    #[must_use]
    pub fn introduction(&self) -> String {
        format!("metrics on http://{}/metrics\n", self.address)
    }

    /// Ends it. To be called last: what happens while a process ends is worth a look as well.
    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

async fn scrape() -> Result<HttpResponse, Problem> {
    let text = TextEncoder::new().encode_to_string(&prometheus::gather()).map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::Ok().content_type(prometheus::TEXT_FORMAT).body(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Flags;

    /// The fault: the second process on a machine does not start because nobody has told it another port; or one that was told a port answers
    /// on another, and is scraped by nobody.
    #[actix_web::test]
    async fn only_the_default_port_is_given_up_where_it_is_taken() {
        let default = Config::from_sources(&Flags::default(), &|_| None).unwrap();
        let _taken = TcpListener::bind(default.metrics_bind.value); // by us, or by somebody else already
        let moved = start(&default).unwrap();
        assert_ne!(moved.address, default.metrics_bind.value);
        assert_eq!(moved.introduction(), format!("metrics on http://{}/metrics\n", moved.address));

        let address = moved.address.to_string();
        let set = Config::from_sources(&Flags::default(), &|name| (name == "EFFLUENT_METRICS_BIND").then(|| address.clone())).unwrap();
        let refused = start(&set).unwrap_err().to_string();
        assert!(refused.contains(&address) && refused.contains("EFFLUENT_METRICS_BIND"), "{refused}");
        moved.stop().await;
    }
}
