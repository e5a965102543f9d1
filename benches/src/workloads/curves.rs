//! S1: what W1, W3, W5 and sweeps cost as they grow, measured and drawn.

use super::{Workload, brain};
use crate::arguments::{Arguments, Precision};
use crate::error::Error;
use crate::harness::measure;
use crate::plot::{Captions, Curve, draw};
use crate::report::Report;

/// A picture to make.
struct Picture {
    file: &'static str,
    workload: Workload,
    sizes: &'static [usize],
    threads: &'static [usize],
    /// Steps of a run of a size.
    steps: fn(usize) -> u64,
    /// What a second of the workload's unit is of `captions.y`, for a size.
    cost: fn(&Report) -> f64,
    captions: Captions<'static>,
}

/// So many steps that a run does about 2·10⁸ connections.
fn of_connections(connections: usize) -> u64 {
    (200_000_000 / connections).clamp(20, 200_000) as u64
}

const PICTURES: [Picture; 4] = [
    Picture {
        file: "cost_w1.svg",
        workload: Workload::Pairs,
        sizes: &[10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000],
        threads: &[1, 2],
        // Half a second, or two threads would be where they are put at first for all of it.
        steps: |n| (10_000_000_000 / n).clamp(1000, 20_000_000) as u64,
        cost: |report| report.median,
        captions: Captions {
            title: "W1: threshold-linear pairs, single precision",
            x: "pairs",
            y: "ns per pair and step",
        },
    },
    Picture {
        file: "cost_w3.svg",
        workload: Workload::Dense,
        sizes: &[10, 30, 100, 300, 1000, 2000, 4000],
        threads: &[1],
        steps: |n| of_connections(4 * n * n),
        cost: |report| report.median / 1000.0 * 1e9 / (4 * report.n * report.n) as f64,
        captions: Captions {
            title: "W3: four dense matrices, single precision",
            x: "pairs",
            y: "ns per connection and step",
        },
    },
    Picture {
        file: "cost_w5.svg",
        workload: Workload::Brain,
        sizes: &[10, 20, 40, 80, 160, 320, 640, 1280],
        threads: &[1],
        // Or there would be nothing to look at.
        steps: |n| of_connections(n * n).max(brain::EVERY),
        cost: |report| report.median / 600_000.0 * 1e6,
        captions: Captions {
            title: "W5: a brain with delays and noise, single precision",
            x: "regions",
            y: "µs per step",
        },
    },
    Picture {
        file: "cost_w6.svg",
        workload: Workload::Brains,
        sizes: &[1, 10, 100, 1000, 10_000],
        threads: &[1, 2],
        steps: |_| 4000,
        cost: |report| report.median / 150_000.0 * 1e6 / report.n as f64,
        captions: Captions {
            title: "W6: brains of 80 regions, 4000 steps each, single precision",
            x: "points of the sweep",
            y: "µs per point and step",
        },
    },
];

/// Measures and draws all.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    std::fs::create_dir_all(&arguments.out).map_err(Error::file(&arguments.out))?;
    for picture in &PICTURES {
        let curves = picture.threads.iter().map(|threads| curve(picture, *threads, arguments));
        let curves = curves.collect::<Result<Vec<_>, Error>>()?;
        draw(&arguments.out.join(picture.file), &picture.captions, &curves)?;
    }
    Ok(())
}

fn curve(picture: &Picture, threads: usize, arguments: &Arguments) -> Result<Curve, Error> {
    let largest = arguments.n.unwrap_or(usize::MAX);
    let mut points = Vec::new();
    for n in picture.sizes.iter().copied().filter(|n| *n <= largest) {
        let one = Arguments {
            n: Some(n),
            threads,
            runs: arguments.runs,
            precision: Precision::F32,
            steps: arguments.steps.or(Some((picture.steps)(n))),
            clock: arguments.clock,
            ..Arguments::new(picture.workload)
        };
        for report in measure(&one)? {
            points.push((n as f64, (picture.cost)(&report)));
            report.print(arguments.json);
        }
    }
    let name = if threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
    Ok(Curve { name, points })
}
