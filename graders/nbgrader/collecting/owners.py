"""Whose a submission in the exchange is: its name says one thing, and the account that its directory belongs to may say another.

Anybody who may hand in may call a directory as somebody else's submission. The account that it belongs to cannot be chosen, but
it says something only where students' ids are the names of accounts. On a hub where all run as one account, every submission
belongs to that one, and somebody may even be called like it. So nothing is refused on the word of one account alone:

* A student who owns a submission in their own name has an account. Then nobody else's in that name is theirs, and refusing it
  costs them nothing: their own is there.
* An account that is called like another student of the course is that student where ids are accounts: the one in whose name the
  submission is has an account too, or somebody else than this owner owns one in their own name.
* Whoever collects, and root, may write into the course directory anyway: they may put in what a learner sent by mail.

All else is taken as nbgrader takes it, and told.
"""

from __future__ import annotations

import pwd
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum

Accounts = Callable[[str], bool]


class Standing(Enum):
    """What is known of a claim."""

    OWN = "own"
    UNPROVEN = "unproven"
    ANOTHERS = "another's"


@dataclass(frozen=True)
class Claim:
    """A submission's name and owner.

    :param student: the id in its name.
    :param uid: the number of the account that it belongs to.
    :param owner: that account's name; None when the system knows none.
    """

    student: str
    uid: int
    owner: str | None

    @property
    def is_own(self) -> bool:
        """Whether it belongs to an account of the student's name."""
        return self.owner == self.student

    @property
    def shown_owner(self) -> str:
        """The account's name, or its number."""
        return self.owner or f"account number {self.uid}"


def standing(
    claim: Claim,
    owning: Collection[str],
    students: Collection[str],
    *,
    trusted: Collection[int],
    has_account: Accounts,
) -> Standing:
    """Whose the submission is.

    :param owning: the students who own a submission in their own name, in any of the course's assignments.
    :param students: the ids in the gradebook.
    :param trusted: the numbers of accounts that may hand in for others.
    :param has_account: whether this system has an account of this name.
    """
    if claim.is_own:
        return Standing.OWN
    if claim.uid in trusted:
        return Standing.UNPROVEN
    if claim.student in owning:
        return Standing.ANOTHERS
    is_a_student = claim.owner in owning or claim.owner in students
    ids_are_accounts = has_account(claim.student) or any(student != claim.owner for student in owning)
    return Standing.ANOTHERS if is_a_student and ids_are_accounts else Standing.UNPROVEN


def account_name(uid: int) -> str | None:
    """The name of the account of this number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return None


def has_account(name: str) -> bool:
    """Whether this system has an account of this name."""
    try:
        pwd.getpwnam(name)
    except (KeyError, ValueError):
        return False
    return True
