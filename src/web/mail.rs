//! Sends e-mail through the configured SMTP server. Everything works without one.

use lettre::{Message, SmtpTransport, Transport, message::Mailbox};

/// Sends a plain-text message. Blocks: for the blocking pool.
///
/// # Errors
/// Invalid addresses, and errors of the server.
pub fn send(
    smtp_url: &str,
    from: &str,
    to: &str,
    subject: &str,
    text: String,
) -> Result<(), String> {
    let mailbox = |address: &str| -> Result<Mailbox, String> {
        address
            .parse()
            .map_err(|error| format!("{address:?}: {error}"))
    };
    let message = Message::builder()
        .from(mailbox(from)?)
        .to(mailbox(to)?)
        .subject(subject)
        .body(text)
        .map_err(|error| error.to_string())?;
    SmtpTransport::from_url(smtp_url)
        .map_err(|error| error.to_string())?
        .build()
        .send(&message)
        .map_err(|error| error.to_string())?;
    Ok(())
}
