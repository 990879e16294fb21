// SPDX-License-Identifier: MIT
//! Counts words with timely dataflow.
//!
//!     rival FILE ROUNDS WORKERS string|compact
//!
//! Goes over the lines of FILE, which it holds in memory, ROUNDS times, and
//! prints every word, a tab and its count. Words travel as String, as in the
//! examples of timely dataflow, or as a value of 16 bytes without a heap.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::rc::Rc;

use rustc_hash::{FxBuildHasher, FxHasher};
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::vec::Map;
use timely::dataflow::operators::{Input, Operator, Probe};
use timely::dataflow::{InputHandle, ProbeHandle};
use timely::worker::Worker;

/// How many sentences go in at a time, and how many such batches are on their
/// way at most.
const BATCH: usize = 1024;
const IN_FLIGHT: u64 = 16;

trait Word:
    Hash + Eq + Clone + serde::Serialize + for<'a> serde::Deserialize<'a> + Send + 'static
{
    fn of(text: &str) -> Self;
    fn text(&self) -> String;
}

impl Word for String {
    fn of(text: &str) -> Self {
        text.to_owned()
    }

    fn text(&self) -> String {
        self.clone()
    }
}

/// Up to 15 bytes, and in the last one how many.
#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
struct Compact(u64, u64);

impl Word for Compact {
    #[inline]
    fn of(text: &str) -> Self {
        let mut bytes = [0u8; 16];
        assert!(text.len() < 16);
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        bytes[15] = text.len() as u8;
        Compact(
            u64::from_le_bytes(bytes[..8].try_into().unwrap()),
            u64::from_le_bytes(bytes[8..].try_into().unwrap()),
        )
    }

    fn text(&self) -> String {
        let bytes = [self.0.to_le_bytes(), self.1.to_le_bytes()].concat();
        String::from_utf8(bytes[..bytes[15] as usize].to_vec()).unwrap()
    }
}

type Counts<W> = Rc<RefCell<HashMap<W, u64, FxBuildHasher>>>;

fn hash<W: Word>(word: &W) -> u64 {
    let mut hasher = FxHasher::default();
    word.hash(&mut hasher);
    hasher.finish()
}

/// Builds sentences -> words -> counts; every count goes on, as in Storm's.
fn build<W: Word>(
    worker: &mut Worker,
    input: &mut InputHandle<u64, timely::container::CapacityContainerBuilder<Vec<&'static str>>>,
    probe: &ProbeHandle<u64>,
) -> Counts<W> {
    let counts: Counts<W> = Default::default();
    let kept = counts.clone();
    worker.dataflow::<u64, _, _>(|scope| {
        scope
            .input_from(input)
            .container::<Vec<&'static str>>()
            .flat_map(|line: &'static str| line.split(' ').map(W::of))
            .unary(Exchange::new(hash::<W>), "Count", move |_, _| {
                move |input, output| {
                    input.for_each_stamp(|stamp, data| {
                        let mut session = output.session(&stamp);
                        let mut counts = counts.borrow_mut();
                        for words in data {
                            for word in words.drain(..) {
                                let count = match counts.get_mut(&word) {
                                    Some(count) => {
                                        *count += 1;
                                        *count
                                    }
                                    None => {
                                        counts.insert(word.clone(), 1);
                                        1
                                    }
                                };
                                session.give((word, count));
                            }
                        }
                    })
                }
            })
            .container::<Vec<(W, u64)>>()
            .probe_with(probe);
    });
    kept
}

/// Worker I of N takes every Nth sentence, the first of them the one of number I.
fn run<W: Word>(worker: &mut Worker, lines: &[&'static str], rounds: usize) {
    let mut input = InputHandle::new();
    let probe = ProbeHandle::new();
    let counts = build::<W>(worker, &mut input, &probe);
    let mut epoch = 0;
    let mut number = worker.index();

    while number < lines.len() * rounds {
        for _ in 0..BATCH {
            if number < lines.len() * rounds {
                input.send(lines[number % lines.len()]);
            }
            number += worker.peers();
        }
        epoch += 1;
        input.advance_to(epoch);
        worker.step();
        while probe.less_than(&epoch.saturating_sub(IN_FLIGHT)) {
            worker.step();
        }
    }
    input.close();
    while !probe.done() {
        worker.step();
    }
    let mut text = Vec::new();
    for (word, count) in counts.borrow().iter() {
        writeln!(text, "{}\t{}", word.text(), count).unwrap();
    }
    std::io::stdout().lock().write_all(&text).unwrap();
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, file, rounds, workers, word] = &arguments[..] else {
        panic!("usage: rival FILE ROUNDS WORKERS string|compact");
    };
    let text: &'static str = std::fs::read_to_string(file).unwrap().leak();
    let lines: Vec<&'static str> = text.lines().collect();
    let rounds: usize = rounds.parse().unwrap();
    let compact = word == "compact";

    timely::execute(timely::Config::process(workers.parse().unwrap()), move |worker| {
        if compact {
            run::<Compact>(worker, &lines, rounds)
        } else {
            run::<String>(worker, &lines, rounds)
        }
    })
    .unwrap();
}
