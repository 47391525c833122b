//! Single flight: concurrent requests for a missing page render it once.

use std::collections::HashMap;

use parking_lot::Mutex;
use tokio::sync::watch;

/// The renderings under way, by cache key.
#[derive(Default)]
pub struct SingleFlightGroup {
    in_flight: Mutex<HashMap<String, watch::Receiver<()>>>,
}

/// The part of a request in a single flight.
pub enum SingleFlight<'g> {
    /// Renders the page while it holds the guard.
    Leader(LeaderGuard<'g>),
    /// The leader has finished, successfully or not.
    Follower,
}

/// Held by the leader; dropping it releases the followers.
pub struct LeaderGuard<'g> {
    group: &'g SingleFlightGroup,
    key: String,
    _finished: watch::Sender<()>,
}

impl Drop for LeaderGuard<'_> {
    fn drop(&mut self) {
        self.group.in_flight.lock().remove(&self.key);
    }
}

impl SingleFlightGroup {
    /// Becomes the leader for a key, or waits until the current leader has finished.
    pub async fn join(&self, key: &str) -> SingleFlight<'_> {
        let mut finished = {
            let mut in_flight = self.in_flight.lock();
            match in_flight.get(key) {
                Some(finished) => finished.clone(),
                None => {
                    let (sender, receiver) = watch::channel(());
                    in_flight.insert(key.to_owned(), receiver);
                    return SingleFlight::Leader(LeaderGuard {
                        group: self,
                        key: key.to_owned(),
                        _finished: sender,
                    });
                }
            }
        };
        // No value is ever sent: this returns an error when the leader drops the sender.
        let _ = finished.changed().await;
        SingleFlight::Follower
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn followers_wait_for_the_leader() {
        let group = SingleFlightGroup::default();
        let SingleFlight::Leader(leader) = group.join("/").await else {
            panic!("there is no other leader");
        };
        let followers = futures_util::future::join_all((0..10).map(|_| group.join("/")));
        let finish = async { drop(leader) };
        let (followers, ()) = futures_util::future::join(followers, finish).await;
        assert!(
            followers
                .iter()
                .all(|role| matches!(role, SingleFlight::Follower))
        );
        assert!(matches!(group.join("/").await, SingleFlight::Leader(_)));
    }
}
