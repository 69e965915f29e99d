//! Finds the member of a key in an object with many members.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::json::scan::Member;

/// The maximum length of [`Index::order`]'s second part: inserting a key moves at most this many indices.
const MAX_NEW: usize = 512;

/// The indices of an object's members, sorted by key. Each key has one index.
#[derive(Clone, Default)]
pub(super) struct Index {
    /// In two parts, each sorted. New indices go into the second one, which is merged into the first when it is full.
    order: Vec<usize>,
    /// Where the second part starts.
    new: usize,
}

/// Where a key is in an [`Index`], or where it would be inserted.
#[derive(Clone, Copy)]
pub(super) struct Place(usize);

impl Index {
    /// Creates the index of members whose keys are in order.
    pub(super) fn new(order: Vec<usize>) -> Self {
        let new = order.len();
        Self { order, new }
    }

    /// Returns a key's member and its place, or else the place at which to insert the key.
    #[expect(
        clippy::indexing_slicing,
        reason = "a binary search finds an index of what it searched"
    )]
    pub(super) fn find(
        &self,
        compare: impl Fn(usize) -> Ordering,
    ) -> Result<(usize, Place), Place> {
        let (old, new) = self.order.split_at(self.new);
        if let Ok(at) = old.binary_search_by(|member| compare(*member)) {
            return Ok((old[at], Place(at)));
        }
        match new.binary_search_by(|member| compare(*member)) {
            Ok(at) => Ok((new[at], Place(self.new + at))),
            Err(at) => Err(Place(self.new + at)),
        }
    }

    /// Sets the member of a key that was found.
    #[expect(clippy::indexing_slicing, reason = "`find` returned the place")]
    pub(super) fn replace(&mut self, place: Place, member: usize) {
        self.order[place.0] = member;
    }

    /// Inserts a key that was not found.
    pub(super) fn insert<'t>(
        &mut self,
        place: Place,
        member: usize,
        name: impl Fn(usize) -> &'t [u8],
    ) {
        self.order.insert(place.0, member);
        if self.order.len() - self.new < MAX_NEW {
            return;
        }
        let (mut old, new) = self.order.split_at(self.new);
        let mut merged = Vec::with_capacity(self.order.len() + MAX_NEW);
        for member in new {
            let before = old.partition_point(|earlier| name(*earlier) < name(*member));
            let (smaller, larger) = old.split_at(before);
            merged.extend_from_slice(smaller);
            merged.push(*member);
            old = larger;
        }
        merged.extend_from_slice(old);
        *self = Self::new(merged);
    }
}

/// Returns the members' indices sorted by key; those of equal keys stay in the order of the text.
pub(super) fn in_order(text: &str, members: &[Member]) -> Vec<usize> {
    // Sorting with a heap compiles to much less code than sorting a slice.
    let places = members.iter().enumerate();
    let heap: BinaryHeap<(&[u8], usize)> =
        places.map(|(at, member)| (member.name(text), at)).collect();
    heap.into_sorted_vec()
        .into_iter()
        .map(|(_, at)| at)
        .collect()
}
