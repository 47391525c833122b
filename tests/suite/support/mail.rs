//! A mail server that records the messages it receives.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::Duration,
};

pub struct MailServer {
    /// For the setting `smtp_url`.
    pub url: String,
    received: mpsc::Receiver<String>,
}

impl MailServer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let (send, received) = mpsc::channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // An error means that the client has disconnected or the test has ended.
                if let Ok(message) = receive(stream.unwrap())
                    && send.send(message).is_err()
                {
                    return;
                }
            }
        });
        Self { url, received }
    }

    /// The next message; `None` if none arrives within 3 s.
    pub fn message(&self) -> Option<String> {
        self.received.recv_timeout(Duration::from_secs(3)).ok()
    }
}

/// The part of SMTP (RFC 5321) that is needed to receive a message.
fn receive(mut stream: TcpStream) -> std::io::Result<String> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    stream.write_all(b"220 here\r\n")?;
    let mut message = String::new();
    while let Some(line) = lines.next().transpose()? {
        let answer: &[u8] = match line.split(' ').next().unwrap_or_default() {
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                for line in lines.by_ref() {
                    let line = line?;
                    if line == "." {
                        break;
                    }
                    message.push_str(&line);
                    message.push('\n');
                }
                b"250 taken\r\n"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n")?;
                break;
            }
            _ => b"250 fine\r\n",
        };
        stream.write_all(answer)?;
    }
    Ok(message)
}
