"""The posts of the sample feed: who wrote what, over which picture, and what is true about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks.synth import documents, everyday, shots
from benchmarks.synth.browser import Page
from benchmarks.synth.documents import Document, Exposure
from benchmarks.synth.numbers import draw_decoy
from benchmarks.synth.organisations import TRUSTS
from benchmarks.synth.people import draw_person
from benchmarks.synth.shots import Shot

TEMPLATE = "ashmarket-vale-clinic-letter"
TEMPLATE_TRUST, TEMPLATE_CLINIC = 0, 0
FIRST_POSTED = datetime(2026, 11, 16, 6, 41, 7, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Post:
    """One post, not yet drawn. `exposure` is None for a post that exposes nobody."""

    id: str
    author: str
    text: str
    posted_at: datetime
    category: str
    leak_class: str
    page: Page | None = None
    shot: Shot | None = None
    exposure: Exposure | None = None
    template: str | None = None

    @property
    def url(self) -> str:
        """Where it was published."""
        return f"https://social.example/@{self.author}/{self.id}"

    @property
    def readable(self) -> str:
        """Everything a reader can read: the caption and the picture."""
        return f"{self.text}\n{self.page.text if self.page else ''}"


@dataclass(frozen=True, slots=True)
class Written:
    """A post of words alone, and what the words expose."""

    text: str
    exposure: Exposure | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a post is made: author, caption, what it is, what draws it, how the picture is taken."""

    author: str
    caption: str
    category: str
    leak_class: str
    draw: Callable[[Random], Document | Page | Written]
    shot: Shot | None = None
    template: str | None = None


def _chat_letter(rng: Random) -> Document:
    letter = documents.appointment_letter(rng)
    return Document(everyday.chat_with(letter.page), letter.exposure)


def _template_letter(rng: Random) -> Document:
    return documents.clinic_letter(rng, TEMPLATE_TRUST, TEMPLATE_CLINIC)


def _colorectal_letter(rng: Random) -> Document:
    return documents.clinic_letter(rng, TEMPLATE_TRUST, 1)


def _pasted_letter(rng: Random) -> Written:
    patient = draw_person(rng, (28, 52), "Female")
    text = (
        "so this is what my ex's new mrs has been telling the doctors lol. copied off her phone\n\n"
        f"Re: {patient.title} {patient.name.upper()} DOB {patient.dob()} NHS No: {patient.nhs}\n"
        f"{patient.street}, {patient.town} {patient.postcode}\n"
        "Diagnosis: recurrent depressive disorder, current episode severe. Medication: venlafaxine XL 225 "
        "mg od. "
        "Plan: referred to the crisis team, review in clinic in 2 weeks.\n"
        f"Dr F Uttley, Consultant Psychiatrist, {TRUSTS[2].name}"
    )
    return Written(text, Exposure("pasted_text", TRUSTS[2].name, (patient,)))


def _lost_order(rng: Random) -> Written:
    return Written(
        f"@SwiftMoorHelp order {draw_decoy(rng)} still hasn't arrived, I've been patient but this is the "
        f"third "
        "week. Do I need to make an appointment with someone to get a reply?"
    )


RECIPES = (
    Recipe("moorside_mel", "Morning from the top of the lane. Worth the 5am alarm \U0001f304",
    "natural_photo", "none",
           everyday.sunrise, shots.screenshot(1400)),
    Recipe("carrowby_kez", "got this through my door this morning and its not even mine?? hospital cant "
    "get anything right. does anyone know her", "clinic_letter", "patient_record",
           _colorectal_letter, shots.LETTER_ON_DESK),
    Recipe("ward_humour", "every. single. handover.", "meme", "none", everyday.meme_night,
    shots.screenshot(1008)),
    Recipe("danny_p88", "grandad finally home!! 7 days in, look at the list of meds they sent him out "
    "with", "discharge_summary", "patient_record",
           documents.discharge_summary, shots.ON_LAP),
    Recipe("homebodyhan", "leaked: what I actually spent on 'just a lamp'", "receipt", "none",
    everyday.receipt, shots.RECEIPT_ON_TABLE),
    Recipe("nightshift_nat", "and people wonder why we're tired. 8 patients each, this is my side "
    "tonight", "ward_handover", "staff_or_list",
           documents.ward_handover, shots.HANDOVER_ON_COUNTER),
    Recipe("eastmere_news", "Huge story from our health desk: NHS numbers of 4,000 patients leaked "
    "online", "news", "news_or_public",
           everyday.news, shots.screenshot(1500)),
    Recipe("k_a_y_l_e_i_g_h", "not me getting next doors post \U0001f480\U0001f480",
    "appointment_letter", "patient_record",
           _chat_letter, shots.screenshot(1560)),
    Recipe("the_big_si", "Group chat doing numbers tonight", "chat_screenshot", "none",
    everyday.football_chat, shots.screenshot(1400)),
    Recipe("bloods_and_biscuits", "first week on the desk and look who I get to look up \U0001f440 told "
    "you he was poorly", "pathology_report", "patient_record",
           documents.blood_screen, shots.BLOODS_ON_MONITOR),
    Recipe("ashmarket_vale_careers", "Join #TeamAMU! Band 5 staff nurses, newly qualified welcome. Link "
    "in bio.", "job_advert", "news_or_public",
           everyday.job_advert, shots.screenshot(1500)),
    Recipe("sol_traps", "found on the back seat of the 42, hope whoever this is isn't waiting on it",
    "prescription", "patient_record",
           documents.prescription, shots.PRESCRIPTION_IN_CAR),
    Recipe("rosalba_carrowby", "New winter menu is here. Doctor's orders: two tiramisu", "menu", "none",
    everyday.menu, shots.MENU_ON_TABLE),
    Recipe("scared_and_35", "can anyone tell me what this means?? app says they tried to call me twice. "
    "shaking", "pathology_report", "own_record",
           documents.blood_app, shots.screenshot(1560)),
    Recipe("harbourgirl_x", "SEE YOU THERE \U0001f5a4", "ticket", "none", everyday.ticket,
    shots.screenshot(1500)),
    Recipe("thesignpost_blog", "Documents we have been sent. Names kept in, because the public should "
    "know.", "clinic_letter", "patient_record",
           _template_letter, shots.scan(1240, 0.0), TEMPLATE),
    Recipe("devnotes_ollie", "TIL how NHS numbers work. modulus 11 my beloved", "code_screenshot",
    "none", everyday.code, shots.screenshot(1400)),
    Recipe("mrs_t_reads", "Confidential!! (it's books. It is always books.)", "parcel_label", "none",
    everyday.parcel, shots.PARCEL_ON_FLOOR),
    Recipe("lily_and_bump", "WELCOME to the world little one \U0001f49b 7lb 2oz, home tomorrow. keeping "
    "the band forever", "wristband_label", "own_record",
           documents.wristband, shots.BAND_ON_BLANKET),
    Recipe("millrace_ppg", "New poster up in our waiting room. Have you had yours?", "nhs_poster",
    "news_or_public", everyday.poster, shots.POSTER_ON_WALL),
    Recipe("justasking_77", "GP says two weeks. Two weeks!!! this is the letter she gave my mum",
    "gp_referral", "patient_record",
           documents.gp_referral, shots.REFERRAL_ON_WORKTOP),
    Recipe("skint_in_cx85", "Final demand before a reminder. Make it make sense @CarrowbyCouncil",
    "council_letter", "none",
           everyday.council_letter, shots.COUNCIL_ON_MAT),
    Recipe("clinskills_ffion", "Patient notes exercise done, only cried once. Induction day 2 "
    "\U0001f4aa", "training_example", "training_or_specimen",
           everyday.training_form, shots.TRAINING_ON_DESK),
    Recipe("forklift_phil", "boss asked where ive been so here you go mate. not mine its my brothers, he "
    "wont mind", "fit_note", "patient_record",
           documents.fit_note, shots.FIT_NOTE_IN_CAR),
    Recipe("gp_receptionist_memes", "8am on the dot", "meme", "none", everyday.meme_panels,
    shots.screenshot(1200)),
    Recipe("xray_raz", "bit quiet in resus so heres what a bad one looks like. learn from it",
    "radiology_report", "patient_record",
           documents.radiology_screen, shots.REPORT_ON_MONITOR),
    Recipe("petty_but_fair", "", "text_post", "patient_record", _pasted_letter),
    Recipe("where_is_it_gaz", "", "text_post", "none", _lost_order),
)  # fmt: skip


def plan(seed: int) -> list[Post]:
    """The feed of a seed, oldest first. Nothing is drawn yet: same seed, same posts."""
    posts, at = [], FIRST_POSTED
    for index, recipe in enumerate(RECIPES, 1):
        rng = Random(f"{seed}/{index}/{recipe.author}")
        at += timedelta(minutes=rng.randint(9, 74), seconds=rng.randint(0, 59))
        posts.append(_post(f"demo-{index:02d}", recipe, at, recipe.draw(rng)))
    return posts


def _post(name: str, recipe: Recipe, at: datetime, drawn: Document | Page | Written) -> Post:
    text = drawn.text if isinstance(drawn, Written) else recipe.caption
    page = drawn.page if isinstance(drawn, Document) else drawn if isinstance(drawn, Page) else None
    exposure = None if isinstance(drawn, Page) else drawn.exposure
    return Post(
        name,
        recipe.author,
        text,
        at,
        recipe.category,
        recipe.leak_class,
        page,
        recipe.shot,
        exposure,
        recipe.template,
    )


def template_page(seed: int) -> Page:
    """The blank form behind the post that is printed on the registered template."""
    return documents.blank_clinic_letter(Random(f"{seed}/template"), TEMPLATE_TRUST, TEMPLATE_CLINIC)
