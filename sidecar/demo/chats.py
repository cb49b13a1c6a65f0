"""What is said in the demo: each chat's question, the fake model's replies in turn, and what must not leave.

All people, addresses and numbers are made up: the domains are reserved for examples (RFC 2606), the card and the
IBAN are the usual test numbers, and the key opens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Fate = Literal["error", "low_score", "late_low_score", "routine"]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the model: text, a call of the app's tool, or an HTTP error."""

    text: str = ""
    status: int = 200
    tool_arguments: Mapping[str, str] | None = None
    input_tokens: int = 180
    output_tokens: int = 60


@dataclass(frozen=True, slots=True)
class Chat:
    title: str
    question: str
    replies: tuple[Reply, ...]
    fate: Fate = "routine"
    """What the policy should find in it."""
    planted: tuple[str, ...] = ()
    """Personal data and secrets in the chat, as they are written there."""
    score: float | None = None
    """The verdict of the app's own evaluator, given while the trace is open."""
    late_score: float | None = None
    """The user's verdict, given after the trace was decided."""
    model: str = "gpt-4o-mini"


_KEY: Final = "sk-proj-" + "Qm4Vt8ZkR2nYw6Lx0Hs3Jd7Fc1Gp5Ba9"

TOOL_RESULT: Final = (
    '{"order": "A-1009", "state": "sent", "ship_to": "Thomas Schneider", "contact": "thomas.schneider@example.net"}'
)
"""What the app's `find_order` answers."""

_INTERESTING: Final = (
    Chat(
        title="Card charged twice; the model fails",
        question=(
            "Hello, I am Maria Gonzalez. My card 4111 1111 1111 1111 was charged twice. "
            "Please write to maria.gonzalez@example.org."
        ),
        replies=(Reply(status=500, text="upstream failed for maria.gonzalez@example.org"),),
        fate="error",
        planted=("Maria Gonzalez", "4111 1111 1111 1111", "maria.gonzalez@example.org"),
    ),
    Chat(
        title="Call me back; rate limited, then answered",
        question="My name is Peter Novak. Please call me back at (212) 555-0147 about my contract.",
        replies=(
            Reply(status=429, text="rate limit reached"),
            Reply(text="Of course, Peter Novak. Somebody will call (212) 555-0147 within the hour."),
        ),
        fate="error",
        planted=("Peter Novak", "(212) 555-0147"),
    ),
    Chat(
        title="Where is my order; with a tool",
        question="Where is my order? I am Thomas Schneider, my e-mail is thomas.schneider@example.net.",
        replies=(
            Reply(tool_arguments={"email": "thomas.schneider@example.net"}, input_tokens=420, output_tokens=24),
            Reply(text="Your order A-1009 is on its way, Thomas Schneider.", input_tokens=510, output_tokens=38),
        ),
        fate="low_score",
        planted=("Thomas Schneider", "thomas.schneider@example.net"),
        score=0.35,
        model="gpt-4o",
    ),
    Chat(
        title="An API key in the question; poor answer",
        question=f"My request is refused. I call it with the key {_KEY}, what is wrong? Regards, Julia Bennett",
        replies=(Reply(text=f"Have you tried the key {_KEY} again?", input_tokens=230, output_tokens=45),),
        fate="low_score",
        planted=(_KEY, "Julia Bennett"),
        score=0.2,
    ),
    Chat(
        title="Invoice address; the user complains later",
        question="This is Anna Kowalski. Please put my IBAN DE89 3704 0044 0532 0130 00 on the invoice.",
        replies=(Reply(text="Invoices cannot be changed."),),
        fate="late_low_score",
        planted=("Anna Kowalski", "DE89 3704 0044 0532 0130 00"),
        late_score=0.1,
    ),
)

_ROUTINE: Final = (
    ("Opening hours", "When are you open on Saturday?", "From nine to two."),
    ("Delivery time", "How long does delivery take?", "Two to three working days."),
    ("Return label", "How do I print a return label?", "Under Orders, choose Return, then Print."),
    ("Password", "I forgot my password.", "Choose Forgot password on the sign-in page."),
    ("Sizes", "Do your shoes run small?", "Most people take their usual size."),
    ("Gift wrap", "Can you wrap it as a gift?", "Yes, choose Gift wrap at the checkout."),
    ("Newsletter", "How do I stop the newsletter?", "With the link at the end of any issue."),
    ("Warranty", "How long is the warranty?", "Two years."),
    ("Colours", "Is the lamp available in green?", "In green, white and black."),
    ("Student discount", "Is there a student discount?", "Ten percent, with a student card."),
    ("Payment", "Which ways to pay are there?", "Card, transfer and invoice."),
    ("Batteries", "Are batteries included?", "Yes, two of them."),
    ("Pick up", "Can I pick it up myself?", "Yes, at the counter."),
    ("Spare parts", "Do you sell spare parts?", "For every product, for ten years."),
    ("Assembly", "Is it hard to assemble?", "One person needs about twenty minutes."),
    ("Washing", "Can I wash the cover?", "At thirty degrees."),
)

CHATS: Final = (
    *_INTERESTING,
    Chat(
        title="Change of address",
        question="I am Robert Fischer and moved; my new e-mail is robert.fischer@example.com.",
        replies=(Reply(text="Thank you, Robert Fischer. The address is changed."),),
        planted=("Robert Fischer", "robert.fischer@example.com"),
    ),
    *(
        Chat(title=title, question=question, replies=(Reply(text=answer, input_tokens=90, output_tokens=12),))
        for title, question, answer in _ROUTINE
    ),
)
