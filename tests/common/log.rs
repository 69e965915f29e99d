//! Collects the events that the layer logs.

use std::cell::RefCell;
use std::fmt::{self, Write as _};

use tracing::field::{Field, Visit};
use tracing::subscriber::{DefaultGuard, set_default};
use tracing::{Event, Metadata, Subscriber, span};

/// The events of this thread, as one line each.
pub struct Log;

thread_local! {
    static SUBSCRIBER: RefCell<Option<DefaultGuard>> = const { RefCell::new(None) };
    static EVENTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    /// What the subscriber does at the next event.
    static NEXT: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

impl Log {
    /// Installs the subscriber for this thread. Each test has its own thread.
    pub fn install() {
        SUBSCRIBER.with_borrow_mut(|subscriber| {
            subscriber.get_or_insert_with(|| set_default(Self));
        });
    }

    pub fn take() -> Vec<String> {
        EVENTS.take()
    }

    #[allow(dead_code, reason = "each test uses some")]
    pub fn at_the_next_event(work: impl FnOnce() + 'static) {
        NEXT.set(Some(Box::new(work)));
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        struct Line(String);
        impl Visit for Line {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                write!(self.0, " {field}={value:?}").expect("a string takes all");
            }
        }
        let metadata = event.metadata();
        let mut line = Line(format!("{} {}:", metadata.level(), metadata.target()));
        event.record(&mut line);
        EVENTS.with_borrow_mut(|events| events.push(line.0));
        if let Some(work) = NEXT.take() {
            work();
        }
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
