//! Sending e-mail, where the operator has named a server for it. Nothing depends on its being there.

use lettre::{Message, SmtpTransport, Transport, message::Mailbox};

/// Sends a message of plain text. Blocks: for the blocking pool.
///
/// # Errors
/// Says what is wrong with the addresses, or what the server said.
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
