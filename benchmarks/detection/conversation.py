"""Conversations whose every turn sends the whole history again, as chat applications do."""

from __future__ import annotations

import random

_PEOPLE = ("Maria Lindqvist", "Tom Okafor", "Anh Nguyen", "Priya Raman", "Jorge Castillo", "Ewa Nowak")
_CITIES = ("Leeds", "Lisbon", "Toronto", "Gdansk", "Nairobi", "Austin")
_STREETS = ("Maple Avenue", "High Street", "Station Road", "Oak Lane")
_USER = (
    "My name is {person} and I live at {number} {street} in {city}. I ordered a lamp last week and it has not arrived.",
    "You can call me on +44 20 7946 0{digits} or write to {mail}. I am at home after six on most days of the week.",
    "The tracking page says that it was delivered, but none of my neighbours has seen a parcel. What should I do now?",
    "I paid with the card that ends in 42. The order is number {number}-{digits}, placed in the evening of the fourth.",
    "Could you also change the delivery address to {number} {street}? {person} will be there to take the parcel in.",
    "Thank you. One more thing: does the lamp come with a bulb, and which size does it need? The page does not say it.",
)
_ASSISTANT = (
    (
        "I am sorry to hear that. I have looked at the order and see that the carrier scanned the parcel yesterday at noon. "
        "Usually such a scan means that it was left with a neighbour or in a safe place. I have asked the depot to check "
        "where it went, and they answer within two working days. If it does not turn up, we send a new lamp at no cost."
    ),
    (
        "Of course. I have noted the change and passed it on to the carrier. Please allow a day until it shows in the "
        "tracking page. The lamp takes a bulb with an E27 socket of up to 60 watts; it is not in the box. Anything of 800 "
        "lumens gives a pleasant light for reading. Is there anything else that I can do for you today, {person}?"
    ),
)


def conversation(seed: int, turns: int) -> list[list[str]]:
    """For each turn, the texts of all messages so far."""
    rng = random.Random(seed)
    history: list[str] = []
    sent: list[list[str]] = []
    for turn in range(turns):
        history.append(_filled(_USER[turn % len(_USER)], rng))
        sent.append(list(history))
        history.append(_filled(_ASSISTANT[turn % len(_ASSISTANT)], rng))
    return sent


def _filled(template: str, rng: random.Random) -> str:
    person = rng.choice(_PEOPLE)
    return template.format(
        person=person,
        city=rng.choice(_CITIES),
        street=rng.choice(_STREETS),
        number=rng.randint(2, 480),
        digits=rng.randint(100, 999),
        mail=f"{person.split()[0].lower()}{rng.randint(1, 99)}@example.com",
    )
