//! A WebSub hub that records the notifications it receives.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::Duration,
};

pub struct Hub {
    /// For the setting `feed_hub`.
    pub url: String,
    received: mpsc::Receiver<String>,
}

impl Hub {
    /// Starts a hub that answers with these statuses in order, then always with 204.
    pub fn start(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (send, received) = mpsc::channel();
        std::thread::spawn(move || {
            let mut statuses = statuses.iter();
            for stream in listener.incoming() {
                let status = statuses.next().copied().unwrap_or(204);
                // An error means that the client has disconnected or the test has ended.
                if let Ok(body) = receive(stream.unwrap(), status)
                    && send.send(body).is_err()
                {
                    return;
                }
            }
        });
        Self { url, received }
    }

    /// The bodies of the requests received since the last call.
    pub fn notifications(&self) -> Vec<String> {
        std::iter::from_fn(|| self.received.recv_timeout(Duration::from_millis(300)).ok()).collect()
    }
}

fn receive(mut stream: TcpStream, status: u16) -> std::io::Result<String> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    write!(
        stream,
        "HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}
