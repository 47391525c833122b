//! Threads for CPU-bound work: worker pools, parallel maps, and a lower scheduling priority.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock, mpsc},
};

use parking_lot::Mutex;
use tokio::sync::{Semaphore, oneshot};

use crate::error::Result;

/// How far a thread yields to the threads that answer requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// For work that no request waits for and that holds no lock: about a tenth of a busy core, all of an idle one.
    Background,
    /// For long work that writes to the database: others wait for the write lock that it holds, so it yields less.
    Writer,
}

impl Priority {
    /// The increment for nice(2).
    fn nice(self) -> i32 {
        match self {
            Self::Background => 10,
            Self::Writer => 5,
        }
    }
}

type Job = Box<dyn FnOnce() + Send>;

/// A fixed number of background threads for expensive work such as hashing and decoding. Jobs beyond that number
/// are queued. It bounds the memory that such work takes, which a large thread pool would not.
pub struct WorkerPool {
    jobs: mpsc::Sender<Job>,
    /// A permit for each thread, which it holds while it works.
    permits: Arc<Semaphore>,
    threads: u32,
}

impl WorkerPool {
    pub fn new(name: &str, threads: u32) -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        let permits = Arc::new(Semaphore::new(threads as usize));
        for _ in 0..threads {
            let queue = queue.clone();
            let permits = permits.clone();
            let thread = std::thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || {
                    lower_priority(Priority::Background);
                    while let Ok(job) = {
                        let next = queue.lock();
                        next.recv()
                    } {
                        // There are as many permits as threads, so this fails only after shutdown.
                        let Ok(_permit) = permits.try_acquire() else {
                            continue;
                        };
                        // The caller sees a closed channel; the panic hook has logged the cause.
                        let _ = catch_unwind(AssertUnwindSafe(job));
                    }
                });
            if let Err(error) = thread {
                tracing::error!(%error, name, "could not start a worker thread");
            }
        }
        Self {
            jobs,
            permits,
            threads,
        }
    }

    /// Runs `work` on a thread of the pool. It is skipped if the caller has dropped the future by then.
    ///
    /// # Errors
    /// If the pool has no thread or has been shut down, or `work` panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let (sender, result) = oneshot::channel();
        let job = Box::new(move || {
            if !sender.is_closed() {
                // The receiver may have been dropped meanwhile.
                let _ = sender.send(work());
            }
        });
        // Without threads this fails and drops `sender`, which `result` reports.
        let _ = self.jobs.send(job);
        Ok(result.await.map_err(no_result)?)
    }

    /// Waits for the work in progress. Work that is queued, or that is passed to [`WorkerPool::run`] later, is not done.
    pub async fn shut_down(&self) {
        // It fails if the pool has been shut down already.
        let _ = self.permits.acquire_many(self.threads).await;
        self.permits.close();
    }
}

fn no_result(_: oneshot::error::RecvError) -> io::Error {
    io::Error::other("a worker thread panicked (the log has the cause) or was shut down")
}

/// Runs `work` on a new thread. The thread does not keep the process from exiting.
///
/// # Errors
/// If the thread cannot be started, or `work` panicked.
pub async fn spawn_thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let (sender, result) = oneshot::channel();
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            // The receiver may have been dropped meanwhile.
            let _ = sender.send(work());
        })?;
    Ok(result.await.map_err(no_result)?)
}

/// Lowers the priority of the calling thread, and of the threads that it starts, for their whole life, and keeps
/// them off one core. On systems other than Linux it does nothing: there it would affect the whole process.
pub fn lower_priority(priority: Priority) {
    #[cfg(target_os = "linux")]
    for step in [
        rustix::process::nice(priority.nice()).map(|_| ()),
        leave_a_core(),
    ] {
        if let Err(error) = step {
            tracing::debug!(%error, "could not lower the priority of a thread");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = priority.nice();
}

/// Excludes the first core from the affinity of the calling thread, if there are several. Niceness is not enough:
/// since Linux 6.6 a woken thread waits milliseconds for the end of the running thread's time slice, and niceness
/// does not count between processes that were started in different sessions.
#[cfg(target_os = "linux")]
fn leave_a_core() -> rustix::io::Result<()> {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
    // The affinity of the process: a thread that has left one core must not leave another.
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

/// The number of cores that this process may use; at least 1.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get())
}

/// Calls `work` with each of the numbers `0..count`, one thread each, and returns the results in that order.
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

/// Splits `items` into at most `parts` chunks, maps them in parallel, and returns the results in order.
pub fn map_chunks<T: Sync, R: Send>(
    items: &[T],
    parts: usize,
    work: impl Fn(&[T]) -> R + Sync,
) -> Vec<R> {
    let chunks = chunks(items, parts);
    workers(chunks.len(), |number| work(chunks[number]))
}

fn chunks<T>(items: &[T], parts: usize) -> Vec<&[T]> {
    let size = items.len().div_ceil(parts.max(1)).max(1);
    items.chunks(size).collect()
}

/// [`map_chunks`] on threads of [`Priority::Background`].
pub fn map_chunks_low_priority<T: Sync, R: Send>(
    items: &[T],
    parts: usize,
    work: impl Fn(&[T]) -> R + Sync,
) -> Vec<R> {
    let chunks = chunks(items, parts);
    in_threads(chunks.len(), |number| {
        lower_priority(Priority::Background);
        work(chunks[number])
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_worker_pool_limits_concurrency_and_survives_panics() {
        static RUNNING: AtomicUsize = AtomicUsize::new(0);
        static MAXIMUM: AtomicUsize = AtomicUsize::new(0);
        let pool = WorkerPool::new("test", 2);
        let jobs = (0..20).map(|number| {
            pool.run(move || {
                let running = RUNNING.fetch_add(1, Ordering::SeqCst) + 1;
                MAXIMUM.fetch_max(running, Ordering::SeqCst);
                std::thread::sleep(std::time::Duration::from_millis(2));
                RUNNING.fetch_sub(1, Ordering::SeqCst);
                assert!(number % 5 > 0, "this one panics");
                number
            })
        });
        let results = futures_util::future::join_all(jobs).await;
        assert_eq!(results.iter().filter(|result| result.is_err()).count(), 4);
        assert_eq!(MAXIMUM.load(Ordering::SeqCst), 2);
        assert_eq!(pool.run(|| 7).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_worker_pool_finishes_only_the_work_in_progress_when_it_shuts_down() {
        static FINISHED: AtomicUsize = AtomicUsize::new(0);
        let pool = WorkerPool::new("test", 1);
        let (started, begun) = oneshot::channel();
        let (proceed, proceeds) = mpsc::channel::<()>();
        let first = pool.run(move || {
            started.send(()).unwrap();
            proceeds.recv().unwrap();
            FINISHED.fetch_add(1, Ordering::SeqCst);
        });
        let queued = pool.run(|| FINISHED.fetch_add(10, Ordering::SeqCst));
        let shut_down = async {
            begun.await.unwrap();
            let mut shut_down = std::pin::pin!(pool.shut_down());
            std::future::poll_fn(|context| {
                let polled = shut_down.as_mut().poll(context);
                assert!(polled.is_pending(), "it waits for the first job");
                std::task::Poll::Ready(())
            })
            .await;
            proceed.send(()).unwrap();
            shut_down.await;
            assert_eq!(FINISHED.load(Ordering::SeqCst), 1);
        };
        let (first, queued, ()) = tokio::join!(first, queued, shut_down);
        assert!(first.is_ok() && queued.is_err());
        assert!(pool.run(|| ()).await.is_err());
        assert_eq!(FINISHED.load(Ordering::SeqCst), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn lowering_the_priority_of_a_thread_leaves_others_unchanged() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        for priority in [Priority::Writer, Priority::Background] {
            let lowered = std::thread::spawn(move || {
                lower_priority(priority);
                nice()
            });
            assert_eq!(lowered.join().unwrap(), (before + priority.nice()).min(19));
        }
        assert_eq!(nice(), before);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn low_priority_threads_and_their_children_leave_one_core_free() {
        let cores = || rustix::thread::sched_getaffinity(None).unwrap().count();
        let before = cores();
        let thread = std::thread::spawn(move || {
            lower_priority(Priority::Writer);
            let child = std::thread::spawn(move || {
                lower_priority(Priority::Background);
                cores()
            });
            (cores(), child.join().unwrap())
        });
        let remaining = (before - 1).max(1);
        assert_eq!(thread.join().unwrap(), (remaining, remaining));
        assert_eq!(cores(), before);
    }

    #[test]
    fn map_chunks_covers_every_item_in_order() {
        let numbers: Vec<u32> = (0..10).collect();
        let doubled = map_chunks(&numbers, 3, |some| {
            some.iter().map(|number| number * 2).collect::<Vec<_>>()
        });
        assert_eq!(doubled.len(), 3);
        assert_eq!(doubled.concat(), (0..10).map(|n| n * 2).collect::<Vec<_>>());
        assert_eq!(map_chunks(&numbers[..1], 3, |some| some.len()), [1]);
        assert!(map_chunks(&[0_u8; 0], 3, |some| some.len()).is_empty());
    }
}
