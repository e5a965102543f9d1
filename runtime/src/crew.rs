//! Threads that share the loops of one simulation.
//!
//! Every loop that is shared writes each number in one place, from what no other thread writes: results
//! are the same bits for any number of threads.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::Error;
use crate::part::Part;

/// How many threads advance one network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Threads {
    /// As many as the machine runs at once, in loops that are long enough to be worth it; one for members
    /// of a [`Sweep`](crate::Sweep), which has threads itself.
    #[default]
    Automatic,
    /// So many, at most 4096, in loops that are long enough to be worth it.
    Exactly(usize),
}

/// The threads of one simulation.
#[derive(Clone, Debug)]
pub(crate) enum Crew {
    /// The one that asks.
    Alone,
    /// Those of the whole program, so many. They start when a loop is first shared.
    Shared(usize),
    /// Its own.
    Own(Arc<ThreadPool>),
}

/// More threads than any machine runs at once are a slip, and take minutes to begin.
const MOST: usize = 4096;

impl Crew {
    pub(crate) fn new(threads: Threads) -> Result<Self, Error> {
        match threads {
            Threads::Exactly(0) => Err(Error::Threads { threads: 0, problem: String::new() }),
            Threads::Exactly(threads) if threads > MOST => {
                Err(Error::Threads { threads, problem: format!(", at most {MOST}") })
            }
            Threads::Exactly(1) => Ok(Self::Alone),
            Threads::Exactly(count) => {
                let pool = ThreadPoolBuilder::new().num_threads(count).build();
                let pool = pool.map_err(|error| Error::Threads {
                    threads: count,
                    problem: format!(": {error}"),
                })?;
                Ok(Self::Own(Arc::new(pool)))
            }
            Threads::Automatic if Part::is_here() => Ok(Self::Alone),
            Threads::Automatic => {
                let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
                Ok(if count > 1 { Self::Shared(count) } else { Self::Alone })
            }
        }
    }

    /// How many may share a loop.
    pub(crate) fn hands(&self) -> Hands {
        Hands(match self {
            Self::Alone => 1,
            Self::Shared(count) => *count,
            Self::Own(pool) => pool.current_num_threads(),
        })
    }

    /// Does something that takes about so many nanoseconds on one of the threads, so that loops within need
    /// not wait for another to begin; what is over soon is done at once.
    pub(crate) fn lead<R: Send>(&self, cost: f64, work: impl FnOnce() -> R + Send) -> R {
        match self {
            _ if cost < 2.0 * WORTH => work(),
            Self::Alone => work(),
            Self::Shared(_) => rayon::scope(|_| work()),
            Self::Own(pool) => pool.install(work),
        }
    }
}

/// How many threads may share a loop.
#[derive(Clone, Copy, Debug)]
pub struct Hands(usize);

/// What a thread must have to do, in nanoseconds, to be worth calling: several times what it takes to
/// wake one that sleeps.
const WORTH: f64 = 30_000.0;

impl Hands {
    /// One thread.
    pub(crate) const ONE: Self = Self(1);

    /// Ranges of a loop's turns, one for each thread, if several are worth it; `cost` is about what a
    /// turn takes, in nanoseconds. Ranges begin at multiples of `grain`.
    pub(crate) fn share(self, turns: usize, cost: f64, grain: usize) -> Option<Vec<Range<usize>>> {
        if self.0 < 2 {
            return None;
        }
        let worth = turns as f64 * cost / WORTH;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "`as` saturates"
        )]
        let threads = self.0.min(worth as usize).min(turns.div_ceil(grain));
        if threads < 2 {
            return None;
        }
        let grains = turns.div_ceil(grain);
        let begin = |thread: usize| (grains * thread / threads * grain).min(turns);
        Some((0..threads).map(|thread| begin(thread)..begin(thread + 1)).collect())
    }

    /// Does something with parts of a slice, of which each is told its place: in one part, or one for each
    /// thread if several are worth it.
    pub(crate) fn each_part<T: Send>(
        self,
        items: &mut [T],
        grain: usize,
        cost: f64,
        work: impl Fn(usize, &mut [T]) + Sync,
    ) {
        let Some(ranges) = self.share(items.len(), cost, grain) else { return work(0, items) };
        let mut rest = items;
        let parts = ranges.into_iter().map(|range| {
            let (part, behind) = std::mem::take(&mut rest).split_at_mut(range.len());
            rest = behind;
            (range.start, part)
        });
        each(parts.collect(), |(first, part)| work(first, part));
    }
}

/// Does something with each part, each on a thread of its own.
pub(crate) fn each<P: Send>(parts: Vec<P>, work: impl Fn(P) + Sync) {
    let parts: Vec<_> = parts.into_iter().map(|part| Mutex::new(Some(part))).collect();
    together(parts.len(), &|index| {
        if let Some(part) = parts[index].lock().unwrap_or_else(PoisonError::into_inner).take() {
            work(part);
        }
    });
}

/// Not generic: what is, is compiled again for each model.
fn together(count: usize, work: &(dyn Fn(usize) + Sync)) {
    rayon::scope(|scope| {
        for index in 1..count {
            scope.spawn(move |_| work(index));
        }
        if count > 0 {
            work(0);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_cover_every_turn_once() {
        for threads in [1, 2, 3, 7] {
            for turns in [0, 1, 2, 15, 16, 17, 1000] {
                for grain in [1, 4, 16] {
                    let Some(ranges) = Hands(threads).share(turns, WORTH, grain) else {
                        assert!(threads == 1 || turns.div_ceil(grain) < 2);
                        continue;
                    };
                    let all: Vec<usize> = ranges.iter().cloned().flatten().collect();
                    assert_eq!(all, (0..turns).collect::<Vec<_>>());
                    assert!(
                        ranges.iter().all(|range| range.start % grain == 0 && !range.is_empty())
                    );
                }
            }
        }
    }

    #[test]
    fn short_loops_are_not_shared() {
        assert!(Hands(8).share(1000, 10.0, 1).is_none());
        assert_eq!(
            Hands(8).share(1000, 3.0 * WORTH / 1000.0, 1).map(|ranges| ranges.len()),
            Some(3)
        );
    }

    #[test]
    fn members_of_something_larger_have_one_thread() {
        let _part = Part::new();
        assert!(matches!(Crew::new(Threads::Automatic), Ok(Crew::Alone)));
        assert!(matches!(Crew::new(Threads::Exactly(2)), Ok(Crew::Own(_))));
    }
}
