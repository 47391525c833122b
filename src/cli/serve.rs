//! `dateline serve`: runs the server until it receives a signal to stop.

use super::Failure;
use crate::{config::Config, server};

pub fn run(config: Config) -> Result<(), Failure> {
    actix_web::rt::System::new().block_on(async {
        let server = server::start(config)?;
        tracing::info!(url = server.app.base_url, bind = %server.address, "serving");
        Ok(server.run().await?)
    })
}
