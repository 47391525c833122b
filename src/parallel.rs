//! Work that is done in parts, side by side, and work that steps back behind that of others.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, OnceLock, mpsc},
};

use tokio::sync::oneshot;

use crate::error::Result;

/// By how much the threads step back that nobody reads from (nice(2)): they get about a tenth of a processor
/// that is busy, and all of one that is not.
const BACK: i32 = 10;
/// By how much those do that write: what readers start goes first, and still others do not wait long for what
/// these hold.
const WAY: i32 = 5;

type Job = Box<dyn FnOnce() + Send>;

/// Threads of their own for work that costs, such as hashing and decoding: as much of it as there are threads
/// is done at a time, the rest waits its turn, and readers come first. What the work needs in memory stays with
/// these few threads, not with each of a large pool.
pub struct Lane {
    jobs: mpsc::Sender<Job>,
}

impl Lane {
    pub fn new(name: &str, threads: usize) -> Self {
        let (jobs, waiting) = mpsc::channel::<Job>();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..threads {
            let waiting = waiting.clone();
            let thread = std::thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || {
                    step_back();
                    while let Ok(job) = {
                        let next = waiting.lock().unwrap_or_else(|fell| fell.into_inner());
                        next.recv()
                    } {
                        // Whoever waits for it is told; the hook has put it into the log.
                        let _ = catch_unwind(AssertUnwindSafe(job));
                    }
                });
            if let Err(error) = thread {
                tracing::error!(%error, name, "a thread cannot be started");
            }
        }
        Self { jobs }
    }

    /// Runs `work` when its turn comes, unless nobody waits for it any more.
    ///
    /// # Errors
    /// If there is no thread, or `work` fell.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let (tell, done) = oneshot::channel();
        let job = Box::new(move || {
            // Whoever wanted to know may have gone.
            if !tell.is_closed() {
                let _ = tell.send(work());
            }
        });
        // Of a lane without threads nobody receives it: it goes, and with it what would tell.
        let _ = self.jobs.send(job);
        Ok(done.await.map_err(fell)?)
    }
}

fn fell(_: oneshot::error::RecvError) -> io::Error {
    io::Error::other("the work ended with a fault, which is in the log")
}

/// Runs `work` in a thread of its own. When the program stops, nobody waits for it.
///
/// # Errors
/// If there can be no thread, or `work` fell.
pub async fn aside<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let (tell, done) = oneshot::channel();
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            // Whoever wanted to know may have gone.
            let _ = tell.send(work());
        })?;
    Ok(done.await.map_err(fell)?)
}

/// Has the thread that calls it, for good, and those that it begins come after those that answer readers, and
/// leave them a core. Not for one that writes to the database: others wait for what it holds.
pub fn step_back() {
    come_after(BACK);
}

/// Has the thread that calls it, for good, and those that it begins let readers go first, by less than
/// [`step_back`], and leave them a core: for work that writes, and takes long.
pub fn give_way() {
    come_after(WAY);
}

fn come_after(by: i32) {
    // Elsewhere it would be the whole process that steps back.
    #[cfg(target_os = "linux")]
    for step in [rustix::process::nice(by).map(|_| ()), leave_a_core()] {
        if let Err(error) = step {
            tracing::debug!(%error, "a thread could not step back");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = by;
}

/// Has the thread keep off the first core that there is, if there are several. Being nicer is not enough: since
/// Linux 6.6 a thread that wakes up waits for milliseconds until whatever runs has had its turn, and between
/// programs that were started apart, niceness does not count.
#[cfg(target_os = "linux")]
fn leave_a_core() -> rustix::io::Result<()> {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    // Of the process: a thread that has left one already leaves no other.
    static ALL: OnceLock<CpuSet> = OnceLock::new();
    let now = sched_getaffinity(None)?;
    let mut cores = *ALL.get_or_init(|| now);
    if cores.count() > 1
        && let Some(first) = (0..CpuSet::MAX_CPU).find(|core| cores.is_set(*core))
    {
        cores.unset(first);
        sched_setaffinity(None, &cores)?;
    }
    Ok(())
}

/// How many cores there are to work on.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get())
}

/// What each of so many workers makes, who are told their numbers.
pub fn workers<R: Send>(count: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    if count == 1 {
        return vec![work(0)];
    }
    in_threads(count, work)
}

fn in_threads<R: Send>(count: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let work = &work;
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..count)
            .map(|number| scope.spawn(move || work(number)))
            .collect();
        workers
            .into_iter()
            .map(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    })
}

/// What `work` makes of each part of `items`, in their order; there are so many parts at most.
pub fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    parts: usize,
    work: impl Fn(&[T]) -> R + Sync,
) -> Vec<R> {
    let parts = shares(items, parts);
    workers(parts.len(), |number| work(parts[number]))
}

fn shares<T>(items: &[T], parts: usize) -> Vec<&[T]> {
    let share = items.len().div_ceil(parts.max(1)).max(1);
    items.chunks(share).collect()
}

/// [`side_by_side`], in threads that step back.
pub fn behind_readers<T: Sync, R: Send>(
    items: &[T],
    parts: usize,
    work: impl Fn(&[T]) -> R + Sync,
) -> Vec<R> {
    let parts = shares(items, parts);
    in_threads(parts.len(), |number| {
        step_back();
        work(parts[number])
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_lane_does_so_much_at_a_time_and_survives_what_falls() {
        static AT_WORK: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let lane = Lane::new("test", 2);
        let asked = (0..20).map(|number| {
            lane.run(move || {
                let at_work = AT_WORK.fetch_add(1, Ordering::SeqCst) + 1;
                MOST.fetch_max(at_work, Ordering::SeqCst);
                std::thread::sleep(std::time::Duration::from_millis(2));
                AT_WORK.fetch_sub(1, Ordering::SeqCst);
                assert!(number % 5 > 0, "this one falls");
                number
            })
        });
        let done = futures_util::future::join_all(asked).await;
        assert_eq!(done.iter().filter(|done| done.is_err()).count(), 4);
        assert_eq!(MOST.load(Ordering::SeqCst), 2);
        assert_eq!(lane.run(|| 7).await.unwrap(), 7);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_that_lets_others_go_first_leaves_them_where_they_are() {
        let place = || rustix::process::getpriority_process(None).unwrap();
        let of_all = place();
        let after = |come_after: fn()| {
            std::thread::spawn(move || {
                come_after();
                place()
            })
        };
        assert_eq!(after(give_way).join().unwrap(), (of_all + WAY).min(19));
        assert_eq!(after(step_back).join().unwrap(), (of_all + BACK).min(19));
        assert_eq!(place(), of_all);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_that_lets_others_go_first_leaves_them_one_core_and_so_do_those_that_it_begins() {
        let cores = || rustix::thread::sched_getaffinity(None).unwrap().count();
        let of_all = cores();
        let begun = std::thread::spawn(move || {
            give_way();
            let begun = std::thread::spawn(move || {
                step_back();
                cores()
            });
            (cores(), begun.join().unwrap())
        });
        let left = (of_all - 1).max(1);
        assert_eq!(begun.join().unwrap(), (left, left));
        assert_eq!(cores(), of_all);
    }

    #[test]
    fn every_part_is_worked_on_and_the_order_stays() {
        let numbers: Vec<u32> = (0..10).collect();
        let doubled = side_by_side(&numbers, 3, |some| {
            some.iter().map(|number| number * 2).collect::<Vec<_>>()
        });
        assert_eq!(doubled.len(), 3);
        assert_eq!(doubled.concat(), (0..10).map(|n| n * 2).collect::<Vec<_>>());
        assert_eq!(side_by_side(&numbers[..1], 3, |some| some.len()), [1]);
        assert!(side_by_side(&[0_u8; 0], 3, |some| some.len()).is_empty());
    }
}
