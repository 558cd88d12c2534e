"""Pages that expose no patient: memes, receipts, posters, tickets, letters about money, code."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from benchmarks.synth import drawing
from benchmarks.synth.browser import Page, as_data_uri, page
from benchmarks.synth.documents import TODAY, day
from benchmarks.synth.numbers import draw_decoy, draw_nhs_number, spaced
from benchmarks.synth.organisations import TRUSTS, letterhead
from benchmarks.synth.people import FAMILIES, draw_landline, draw_person


def sunrise(rng: Random) -> Page:
    """A landscape photograph, drawn by rule: nobody holds rights in it."""
    scene = drawing.landscape(rng.randrange(2**31), 1400, 1050)
    return page("bare", 1400, 1050, 1.0, inner=(scene,))


def meme_night(rng: Random) -> Page:
    """White capitals on a sunrise."""
    scene = drawing.landscape(rng.randrange(2**31), 720, 720, drawing.DAWN)
    return page("meme_night", 720, 720, 1.4, inner=(scene,), size=62, top="Patient in bed 4 says",
                bottom="he is allergic to discharge summaries")  # fmt: skip


def meme_panels(rng: Random) -> Page:
    """Three faces, three answers."""
    panels = (
        ("\U0001f642", "GP receptionist: what is your date of birth?"),
        ("\U0001f600", "Me: 14th of March"),
        ("\U0001f635", "GP receptionist: and your NHS number?"),
        ("\U0001f480", "Me, who cannot remember my own postcode"),
    )
    return page("meme_panels", 700, 108 + 235 * len(panels), 1.5, title="Booking an appointment at 8:00:01am",
                tint=rng.choice(("#ffe9a8", "#cfe8ff")), panels=panels)  # fmt: skip


def receipt(rng: Random) -> Page:
    """A till receipt whose order number passes modulus 11."""
    order = draw_decoy(rng)
    goods = (("LED DESK LAMP BLK", 24.00), ("AA BATTERIES 12PK", 6.50), ("EXT LEAD 4 GANG 2M", 14.99),
             ("STORAGE BOX 45L x2", 17.00), ("KITCHEN SCISSORS", 7.25), ("BAG FOR LIFE", 0.30))  # fmt: skip
    return page(
        "receipt", 430, 1010, 2.4, shop="homefield", street="Unit 6 Ferry Retail Park, Carrowby",
        phone=draw_landline(rng),
        order=order, when=day(3) + " 17:42", lines=[(name, f"{price:.2f}") for name, price in goods],
        total=f"{sum(price for _, price in goods):.2f}", auth=f"{rng.randint(10000, 99999)}", server="Jodie",
        code=drawing.code128(order),
    )  # fmt: skip


def parcel(rng: Random) -> Page:
    """A parcel label whose consignment number passes modulus 11."""
    consignment = draw_decoy(rng, "5")
    return page(
        "parcel", 600, 840, 2.2, person=draw_person(rng),
        sender="Larkwell Books Ltd, Unit 2 Cobden Works, EM87 4TN",
        consignment=spaced(consignment), depot="CX-07", code=drawing.code128("SM" + consignment),
        code_text="SM" + consignment,
        note="Leave with neighbour at no. 12", when=day(1),
    )  # fmt: skip


def poster(_: Random) -> Page:
    """A flu vaccination poster."""
    return page("poster", 794, 1123, 1.6)


def job_advert(rng: Random) -> Page:
    """A band 5 nursing post."""
    head = letterhead(TRUSTS[0])
    closing = (TODAY + timedelta(days=12)).strftime("%d %B %Y")
    reference = f"{rng.randint(100, 999)}-AMU-{rng.randint(1000, 9999)}"
    return page("job", 430, 900, 1.85, head=head, reference=reference,
                closing=closing, manager=f"Carol {rng.choice(FAMILIES)}", clock="12:18")  # fmt: skip


def news(rng: Random) -> Page:
    """A newspaper's article about a data breach."""
    scene = drawing.landscape(rng.randrange(2**31), 788, 444, drawing.DAWN)
    return page("news", 430, 905, 1.85, head=letterhead(TRUSTS[1]), reporter=f"Naomi {rng.choice(FAMILIES)}",
                when=day(5, "%d %B %Y"), line=f"{rng.randint(100, 999)}", inner=(scene,), clock="07:52",
                ink="#222",
                bar="#fff")  # fmt: skip


def menu(_: Random) -> Page:
    """An Italian menu."""
    sections = (
        ("Antipasti", (("Bruschetta al pomodoro", "6.50", "vine tomatoes, basil, garlic"),
        ("Calamari fritti", "8.95", "lemon and aioli"), ("Burrata", "9.50", "roast peppers, rocket"))),
        ("Primi", (("Tagliatelle al ragu", "13.95", "eight-hour beef and pork"),
        ("Gnocchi alla sorrentina", "12.50", "tomato, mozzarella, oregano"), ("Linguine alle vongole",
        "15.50", "clams, chilli, white wine"))),
        ("Dolci", (("Tiramisu della nonna", "6.95", "for two, if you must share"), ("Affogato", "5.50",
        "vanilla, espresso, amaretto"))),
    )  # fmt: skip
    return page("menu", 620, 1000, 2.0, name="Da Rosalba", sections=sections)


def ticket(rng: Random) -> Page:
    """A concert ticket in a phone."""
    booking = draw_decoy(rng, "5")
    return page(
        "ticket", 430, 880, 1.8, artist="VELVET HARBOUR", tour="The Long Weekend Tour",
        venue="Carrowby Arena",
        when="Friday 27 November 2026, doors 18:30", block="B14", row="R", seat=str(rng.randint(20, 60)),
        booking=booking,
        qr=as_data_uri(drawing.qr(f"VH-{booking}-ADMIT1")), buyer=draw_person(rng).name, clock="09:31",
        ink="#fff", bar="#000",
    )  # fmt: skip


def code(rng: Random) -> Page:
    """A programmer's editor with a check digit function."""
    sample = draw_nhs_number(rng)
    lines = (
        '<span class="k">def</span> <span class="f">is_valid</span>(nhs_number: str) -> bool:',
        '    <span class="s">"""Check an NHS number with modulus 11."""</span>',
        '    digits = [int(d) <span class="k">for</span> d <span class="k">in</span> nhs_number <span '
        'class="k">if</span> d.isdigit()]',
        '    <span class="k">if</span> len(digits) != <span class="n">10</span>:',
        '        <span class="k">return</span> <span class="n">False</span>',
        '    total = sum(w * d <span class="k">for</span> w, d <span class="k">in</span> zip(range(<span '
        'class="n">10</span>, <span class="n">1</span>, <span class="n">-1</span>), digits))',
        '    check = <span class="n">11</span> - total % <span class="n">11</span>',
        '    <span class="k">if</span> check == <span class="n">11</span>:',
        '        check = <span class="n">0</span>',
        '    <span class="k">return</span> check == digits[<span class="n">9</span>]',
        "",
        "",
        '<span class="k">def</span> <span class="f">test_is_valid</span>() -> <span class="n">None</span>:',
        f'    <span class="k">assert</span> is_valid(<span class="s">"{spaced(sample)}"</span>)  <span '
        f'class="c"># from the test range</span>',
        f'    <span class="k">assert not</span> is_valid(<span '
        f'class="s">"{spaced(sample[:9] + str((int(sample[9]) + 1) % 10))}"</span>)',
        '    <span class="k">assert not</span> is_valid(<span class="s">""</span>)  <span class="c"># why '
        'did this ever pass??</span>',
        "",
        '<span class="c"># ask Priya tomorrow about spaces and dashes in the CSV</span>',
    )  # fmt: skip
    return page("code", 1000, 560, 1.5, lines=lines)


def training_form(rng: Random) -> Page:
    """A training copy of an admission record for TEST PATIENT."""
    rows = (("08:00", "18", "97%", "128/76", "84", "36.8", "A"), ("10:00", "22", "94%", "112/70", "104",
    "38.2", "A"),
            ("11:30", "26", "91%", "96/58", "122", "38.9", "V"))  # fmt: skip
    return page("training_form", 794, 1000, 2.1, head=letterhead(TRUSTS[3]),
        number=spaced(draw_nhs_number(rng)),
                observations=rows)  # fmt: skip


def _says(text: str, at: str, who: str = "", tint: str = "#a0522d") -> dict[str, Any]:
    return {"mine": not who, "who": who, "tint": tint, "text": text, "at": at, "image": None}


def football_chat(_: Random) -> Page:
    """A group chat after the match."""
    lines = (
        _says("did anyone see that second half", "21:52", "Dazza"),
        _says("never a penalty. NEVER", "21:53", "Col", "#1f7aec"),
        _says("ref needs his eyes testing, someone refer him to ophthalmology urgently", "21:53"),
        _says("Hollis pulled his hamstring as well, out 6 weeks according to the physio", "21:54", "Col",
        "#1f7aec"),
        _says("diagnosis: we are rubbish\nprognosis: poor", "21:55", "Big Si", "#1e8e5a"),
        _says("\U0001f602\U0001f602\U0001f602", "21:55"),
        _says("5 a side still on thursday? 7.30 at the leisure centre, 4.50 each", "21:57", "Dazza"),
        _says("im in", "21:57", "Big Si", "#1e8e5a"),
        _says("me too, bringing Tomo. need one more", "21:58"),
    )  # fmt: skip
    return page("chat", 390, 800, 2.0, title="Sunday League Legends",
        subtitle="Dazza, Col, Big Si, Tomo, You",
                bar="#075e54", tint="#c98b2d", lines=lines, clock="21:59")  # fmt: skip


def chat_with(document: Page, height: int = 820) -> Page:
    """A chat in which somebody sends a picture of a document."""
    first = _says("omg look what came to ours by mistake", "18:04", "Kayleigh")
    shown = {**_says("", "18:04", "Kayleigh"), "who": "", "image": 0, "mine": False}
    lines = (
        first,
        shown,
        _says("is that her from number 40??", "18:06"),
        _says("YES. dont say anything \U0001f92b", "18:06", "Kayleigh"),
    )
    for line in lines[1:]:
        line["who"] = ""
    return page("chat", 390, height, 2.4, title="Kayleigh", subtitle="online", bar="#075e54",
                tint="#8e6bbf", lines=lines, inner=(document,), clock="18:07")  # fmt: skip


def council_letter(rng: Random) -> Page:
    """A council tax bill."""
    person = draw_person(rng)
    return page(
        "letter_plain", 794, 1123, 2.1, face="'Open Sans'", colour="#3b6b35",
        sender="Carrowby Borough Council",
        contact=("Revenues and Benefits", "Civic Centre, Albion Street", "Carrowby CX85 2BD",
        draw_landline(rng)),
        to=(f"{person.title} {person.name}", person.street, person.town, person.postcode), day=day(8,
        "%d %B %Y"),
        refs=(("Account number", draw_decoy(rng, "87")), ("Property band", "C")),
        salutation=f"Dear {person.title} {person.family}",
        subject="Your council tax reminder for 2026 to 2027",
        body=("Our records show that an instalment on the account above has not been paid. Please pay the "
        "amount below within seven days of the date of this letter.",
              "If you do not pay, you will lose the right to pay by instalments and the whole of the "
              "year's balance will become due. We may then ask the magistrates' court for a summons, "
              "which adds costs of 65.00."),
        table=(("Instalment due 1 November", "148.00"), ("Payments received", "0.00"), ("Amount overdue",
        "148.00")),
        closing=("You can pay online, by telephone or at any post office. If you have paid in the last "
        "three days, please ignore this letter.",
                 "If you are finding it hard to pay, or somebody in your home has a disability, please "
                 "speak to us. You may be entitled to a reduction."),
        signed="Head of Revenues", scribble=drawing.scribble(rng),
    )  # fmt: skip
