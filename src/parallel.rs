//! Work that is done in parts, side by side.

/// How many cores there are to work on.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get())
}

/// What each of so many workers makes, who are told their numbers.
pub fn workers<R: Send>(count: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    if count == 1 {
        return vec![work(0)];
    }
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
    let share = items.len().div_ceil(parts.max(1)).max(1);
    let parts: Vec<&[T]> = items.chunks(share).collect();
    workers(parts.len(), |number| work(parts[number]))
}

#[cfg(test)]
mod tests {
    use super::*;

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
