//! The members of an object's table, some of which may have been removed: their values are empty, which no JSON value is.

use core::slice;

use crate::json::scan::Member;

/// Returns whether a member was removed.
pub(super) fn is_removed(member: &Member) -> bool {
    member.value.is_empty()
}

/// Removes a member from its object, but not from its table.
pub(super) fn remove(member: &mut Member) {
    member.value = 0..0;
}

/// An iterator over the members that were not removed.
#[derive(Clone)]
pub(super) struct Members<'o> {
    members: slice::Iter<'o, Member>,
    left: usize,
}

impl<'o> Members<'o> {
    /// Creates an iterator over members of which some were removed.
    pub(super) fn new(members: &'o [Member], removed: usize) -> Self {
        Self {
            members: members.iter(),
            left: members.len() - removed,
        }
    }
}

impl<'o> Iterator for Members<'o> {
    type Item = &'o Member;

    fn next(&mut self) -> Option<&'o Member> {
        let next = self.members.find(|member| !is_removed(member))?;
        self.left -= 1;
        Some(next)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl DoubleEndedIterator for Members<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let next = self.members.rfind(|member| !is_removed(member))?;
        self.left -= 1;
        Some(next)
    }
}

impl ExactSizeIterator for Members<'_> {}
