"""Posts of words alone: leaks that name somebody with their care, and harmless ones that sound alike.

A pattern is filled at random: {a|b} takes one of several, {name} {first} {dob} {nhs} {spelt} {cond} {drug} and the
rest come from the post's person and case.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from benchmarks.corpus.base import Layout
from benchmarks.corpus.people import draw_patient, draw_scot, draw_staff
from benchmarks.corpus.train import places
from benchmarks.corpus.train.clinical import ADULT, CHILD, MATERNITY, WARDS, Case
from benchmarks.synth.documents import TODAY, Exposure
from benchmarks.synth.numbers import draw_decoy, spaced
from benchmarks.synth.people import Person, draw_mobile
from benchmarks.synth.posts import Written

_CHOICE = re.compile(r"\{((?:[^{}]|\{\w+\})*\|(?:[^{}]|\{\w+\})*)\}")
"""Alternatives, with slots in them but no further alternatives."""
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def spelt(rng: Random, number: str) -> str:
    """The number as people write it to get round a filter."""
    ways: tuple[Callable[[str], str], ...] = (
        " ".join, lambda n: "-".join((n[:3], n[3:6], n[6:])), lambda n: ".".join((n[:3], n[3:6], n[6:])),
        lambda n: "".join("\u24ea" if d == "0" else chr(0x2460 + int(d) - 1) for d in n),
        "\u200b".join, lambda n: " ".join(_WORDS[int(d)] for d in n),
        lambda n: "".join(chr(0xFF10 + int(d)) for d in n), lambda n: " ".join((n[:2], n[2:4], n[4:6], n[6:8], n[8:])),
        lambda n: "".join(d + "\ufe0f\u20e3" for d in n), lambda n: f"{n[:3]}/{n[3:6]}/{n[6:]}", lambda n: f"{n[:5]} {n[5:]}",
    )  # fmt: skip
    return rng.choice(ways)(number)


def choose(rng: Random, pattern: str) -> str:
    """A pattern with one of each {a|b} taken, inner ones first."""
    while (found := _CHOICE.search(pattern)) is not None:
        pattern = pattern[: found.start()] + rng.choice(found[1].split("|")) + pattern[found.end() :]
    return pattern


def slots(rng: Random, person: Person, case: Case) -> dict[str, object]:
    """What a pattern may name."""
    age = person.age(TODAY)
    he, his, him = ("he", "his", "him") if person.sex == "Male" else ("she", "her", "her")
    trust = places.trust(rng)
    other = draw_patient(rng)
    return {
        "name": person.name, "first": person.given, "last": person.family, "title": person.title, "dob": person.dob(rng.choice(("%d/%m/%Y", "%d.%m.%y", "%d %b %Y"))),
        "nhs": rng.choice((person.nhs, person.nhs_number)), "spelt": spelt(rng, person.nhs_number), "street": person.street, "town": person.town,
        "post": person.postcode, "age": age, "he": he, "his": his, "him": him, "cond": case.diagnoses[0].lower(), "cond2": case.diagnoses[-1].lower(),
        "why": case.complaint, "drug": case.medicines[0].lower(), "plan": case.plan[0].lower(), "story": case.told(he, his, age), "spec": case.specialty,
        "ward": rng.choice(WARDS), "hospital": trust.organisation.site, "trust": trust.name, "surgery": places.surgery(rng).name, "dr": draw_staff(rng),
        "unit": person.hospital_number, "order": draw_decoy(rng, rng.choice(("9", "5", "87"))), "sorder": spaced(draw_decoy(rng, rng.choice(("9", "5")))),
        "mobile": draw_mobile(rng), "friend": other.given, "n": rng.randint(2, 40), "m": rng.randint(3, 18),
    }  # fmt: skip


def _leak(name: str, pattern: str, leak_class: str = "patient_record", cases: tuple[Case, ...] = ADULT, ages: tuple[int, int] = (18, 93),
          sex: str | None = None, scot: bool = False) -> Layout:  # fmt: skip
    def draw(rng: Random) -> Written:
        person = draw_scot(rng) if scot else draw_patient(rng, ages, sex)
        text = choose(rng, pattern).format(**slots(rng, person, rng.choice(cases)))
        return Written(text, Exposure("text_post", "", (person,)))

    return Layout(f"words_{name}", "train", "leak", f"text_{name}", leak_class, draw)


def _several(name: str, opening: str, line: str, closing: str) -> Layout:
    def draw(rng: Random) -> Written:
        people = tuple(draw_patient(rng) for _ in range(rng.randint(3, 7)))
        lines = [
            choose(rng, line).format(i=i, **slots(rng, p, rng.choice(ADULT))) for i, p in enumerate(people, 1)
        ]
        ends = [
            choose(rng, part).format(**slots(rng, people[0], rng.choice(ADULT)))
            for part in (opening, closing)
        ]
        return Written("\n".join([ends[0], *lines, ends[1]]).strip(), Exposure("text_post", "", people))

    return Layout(f"words_{name}", "train", "leak", f"text_{name}", "staff_or_list", draw)


def _fine(name: str, pattern: str, leak_class: str = "unknown") -> Layout:
    def draw(rng: Random) -> Written:
        return Written(choose(rng, pattern).format(**slots(rng, draw_patient(rng), rng.choice(ADULT))))

    return Layout(f"words_{name}", "train", "benign", f"text_{name}", leak_class, draw)


LEAKS = (
    _leak("letter_full", "{Copied from|This is|Found} the letter{:| lol:}\n\nDear {dr}\nRe: {title} {name}, DOB {dob}, NHS No {nhs}\n{street}, {town} {post}\n\nDiagnosis: {cond}. {story}\nPlan: {plan}.\n{trust}"),
    _leak("letter_bare", "Dear {dr}, thank you for referring {title} {last} (dob {dob}) with {why}. {story} Medication {drug}. We will {plan}. Yours sincerely"),
    _leak("discharge_paste", "DISCHARGE SUMMARY\nPatient: {name}\nNHS: {nhs}\nHosp: {unit}\nWard: {ward}, {hospital}\nDiagnosis: {cond}; {cond2}\nTTO: {drug}\nGP to: {plan}\n\n{who else gets these by mistake|they sent me the wrong one}"),
    _leak("results_paste", "{PATIENT|Name}: {last} {first}  {D.O.B|DOB} {dob}  {NHS no.|NHS#|nhs} {nhs}\nHb {n}8  WCC {m}.2  CRP {n}0  HbA1c {n}\nClin details: {why}\n{so it IS bad then|not looking good is it|told her to stop eating cake}"),
    _leak("look_who_ae", "{omg|guys|right} {look who was in|guess who turned up at|you'll never guess who I saw in} A&E {last night|tonight}... {name} from {street}, {cond}, {off {his} face|crying {his} eyes out|handcuffed to a copper}{ \U0001f602| \U0001f62c|}"),
    _leak("ward_gossip", "{on shift so can't say much but|don't repeat this|between us} {first} {last} is on {ward} with {cond}. {he} {looks awful|asked me not to say|had {his} family in tears}. dob {dob} if you don't believe me"),
    _leak("neighbour", "So {name} at {street} {is back in hospital|got taken away in an ambulance|has been sectioned again}. It's {cond}, my {sister|mate|cousin} works at {hospital} and saw {his} notes. {drug}, the lot."),
    _leak("ex_partner", "since everyone is asking why we split: {name}, born {dob}, {cond}. it's all in {his} NHS record ({spelt}). {go on then, deny it|I have screenshots|enjoy x}"),
    _leak("number_spelt", "{name} {dob} - number is {spelt} - {being treated for|has} {cond}, {ask me how I know|you're welcome|pass it on}"),
    _leak("number_hidden", "{you want proof?|fine.|here.} patient {spelt}, initials {first} {last}, admitted to {hospital} with {why}, started {drug}. {delete this later|screenshot quick}"),
    _leak("forwarded", "Fwd: {FYI|urgent|sad news}\n> From: {dr}\n> {title} {name} (NHS {nhs}) was reviewed by {spec}. {story}\n> {plan}\n\n{Is this allowed??|passing on as received|why was I copied in}"),
    _leak("child_school", "Mums of year {m}: {first} {last} (born {dob}) {is off because of|was in hospital with} {cond}. {{his} mum told the nurse not to say|it's in the letter to school|I saw the health plan}. NHS no {nhs} is on the form they left out", cases=CHILD, ages=(4, 16)),
    _leak("pregnancy", "{name} is {m} weeks, {cond}, {seen at|booked at} {hospital} antenatal. {she hasn't told anyone|the dad doesn't know}. dob {dob} hosp no {unit}. {I do the booking in|I'm on reception}", cases=MATERNITY, ages=(17, 42), sex="Female"),
    _leak("celebrity_peek", "{I looked up|just pulled up} {name} on the system, {dob}, {age}. last seen {spec}, {cond}. {worth money to a paper surely|should I sell it|lol}"),
    _leak("lost_note_found", "FOUND {on the number {m} bus|outside Tesco|in a library book}: hospital letter for {title} {name}, {street}, {town}. {spec} appointment, says {cond}. NHS {nhs}. {Share so {he} gets it back|DM me}"),
    _leak("complaint_named", "@{hospital} my {mum|dad|nan} {name} ({dob}, NHS {nhs}) has been on a trolley on {ward} for {n} hours with {why}. {drug} not given. DISGUSTING"),
    _leak("own_record_shared", "ok posting my own so nobody can twist it. {name}, {dob}, NHS number {nhs}. {cond}, on {drug}. {that's my truth|no shame|be kind}", "own_record"),
    _leak("own_appointment", "My letter says: {title} {name}, NHS no. {nhs}, {spec} clinic, {hospital}, {why}. {has anyone been there|how long will it take|so scared}", "own_record"),
    _leak("scottish", "{Found on the floor of the bus|look what came through the door}: {name}, CHI {nhs}, {street}. {spec} letter, {cond}, {drug}.", scot=True),
    _leak("irish", "HSC letter for {name}, H&C No {nhs}, dob {dob}, says {cond}. {posted to us by mistake|wrong house again}. {plan}"),
    _leak("ambulance_scene", "{just attended|been to} {name}, {age}, {street} {post}. {why}, {cond}, house full of {drug} boxes. {nhs} on the form. {what a night|never again}"),
    _leak("mental_health_out", "Everybody in {town} should know {name} ({dob}) was detained under section {2|3} at {hospital}. {cond}. {Says so on the form|my aunt types the letters}."),
    _leak("dispute_court", "exhibit A: GP notes of {name}, {surgery}, NHS {nhs}: \"{story}\" {and {he} wants custody?|read it and weep}"),
    _several("ward_list", "{my lot tonight|Handover {ward}|bed state}", "{{bed |B|}{i} - {name}, {age}, {cond}, {nhs}|{i}. {last} {nhs} {cond}. {plan}}", "{send coffee|bleep me|x}"),
    _several("clinic_list", "{spec} clinic {list for tomorrow|DNAs today}:", "{name} dob {dob} {nhs} - {why}", "{somebody ring them|rebook please|posting here as email is down}"),
    _several("results_batch", "{abnormal bloods to chase|histology back}", "{last}, {first} | {dob} | {nhs} | {cond}", "{who is on call|ta}"),
)  # fmt: skip
FINE = (
    _fine("orders", "@{ParcelHelp|SwiftMoor} order {order} {still not here|arrived smashed}, been {n} days. {I've been patient|losing patience}. ring me on {mobile}"),
    _fine("tracking", "tracking {sorder} says out for delivery since 7am {lol|...}. confidential: I am in my pyjamas"),
    _fine("waiting_times", "{n} hours in A&E with {my mum|a broken wrist|a toddler}. Staff {were angels|run ragged}. {Name one other country|Fund the NHS|How is this ok}"),
    _fine("gp_queue", "Number {n} in the queue for {the surgery|my GP} at 8:01. By 8:05 {all gone|told to try tomorrow}. {Patient? I have no choice|Referral to a telephone please}"),
    _fine("vague_symptoms", "{been sick all week|migraine day {m}|back's gone again}, {doctor says rest|on antibiotics|awaiting results}. {send chocolate|any tips?}"),
    _fine("number_talk", "{Did you know|TIL} your NHS number is ten digits and the last is a modulus 11 check? {Find it in the app|It's on any letter|Never post yours}."),
    _fine("number_how", "How do I find my NHS number? {Reception says it's on the prescription|App won't log in|Do I need it to register}? {TIA|thanks}"),
    _fine("code_talk", "wrote a validator for NHS numbers, test value {sorder} passes, off by one fails. {mod 11 my beloved|why is zero fine and ten not}"),
    _fine("joke_doctor", "Doctor: I've bad news, {you're skint|you have the records of a patient who supports Rovers}. Me: {second opinion?|is it on my notes?} {\U0001f602|}"),
    _fine("joke_leak", "BREAKING: leaked documents show {our cat|dad} has been {having two dinners|hiding the good biscuits} since 2019. {Sources|The ward} declined to comment", "news_or_public"),
    _fine("news_breach", "{trust} {admits|confirms} NHS numbers and dates of birth of {n},000 patients were {published by hackers|emailed in error}. ICO {informed|investigating}. https://news.example/{n}", "news_or_public"),
    _fine("news_strike", "{Junior doctors|Nurses} to strike for {m} days. {trust} says {urgent care goes on|some appointments will be moved}.", "news_or_public"),
    _fine("campaign", "{Flu|COVID|Shingles|RSV} jabs {at|now in} {surgery}, Saturday from 9am. Over 65, pregnant or at risk? {Just turn up|Bring your NHS number if you know it}.", "news_or_public"),
    _fine("screening_push", "Please, please go for your {smear|bowel screening|mammogram}. It took {m} minutes. {It saved my aunt|That's the post}."),
    _fine("charity", "Running {n}k for {the hospice|{hospital}} in memory of my dad. {Every pound helps|Link in bio}. Ref {order}"),
    _fine("job", "We're hiring! Band {5|6|7} {spec} nurse, {hospital}. Ref {m}-{n}-CX. Closing Friday. Discharge your old job and {join us|apply}.", "news_or_public"),
    _fine("shift_talk", "{four nights done|first day on {ward}|that's me off shift}. {n}k steps, {one wee|zero breaks}, best team. {No details, obviously|night all}"),
    _fine("student", "Revising {spec}: causes of {why}? So far {cond}, {cond2}. First line {drug}. {OSCE on Monday|send help}", "training_or_specimen"),
    _fine("case_study", "Teaching case (fictional): {age}-year-old with {why}. {Hx and obs in the comments|What next}? A) {plan} B) scan C) discharge", "training_or_specimen"),
    _fine("test_patient", "Training system is down again. Poor old Mr ZZTEST Patient, born 01/01/1900, NHS 000 000 0000, {admitted {n} times|discharged to the moon}", "training_or_specimen"),
    _fine("advice", "If you get somebody else's hospital letter: don't open it, {ring the trust|take it back}, {don't post a photo|never put it on here}. Their {spec} letter is not content."),
    _fine("thanks", "Huge thanks to {ward} at {hospital}. {Mum is home|They were so patient with dad}. {Cake incoming|x}"),
    _fine("lost_pet", "Lost: {Biscuit|Tibbs|Rex}, {m} years, chip 98{order}, last seen {street}. On {tablets for his heart|insulin}. Vet says bring him straight in. {mobile}"),
    _fine("vet_result", "Vet rang, {Luna|Rex}'s bloods are back: kidneys poor, {m} days of fluids. Admitted overnight. {n}0 quid. {gutted|paws crossed}"),
    _fine("birthday_dob", "Happy {m}th {friend}! born {dob} and still no sense. Party at {street} {town}, ring {mobile}"),
    _fine("for_sale", "For sale: {wheelchair|crutches|NHS style blood pressure monitor}, used {m} times since my op. {n} ono, {town}. Text {mobile}"),
    _fine("bank_code", "Why does the bank want my account {order}, date of birth AND mother's maiden name to say the balance is {m} quid"),
    _fine("football", "{Striker|Keeper} out {m} weeks, hamstring. Scan results {Friday|due}. {Season over|Diagnosis: we're rubbish}. {n} points"),
    _fine("tv_drama", "that episode!! when {dr} read the notes and {the wife|her ex} was the patient in bed 4 {\U0001f631|omg}. {casualty|holby} never misses"),
    _fine("american", "ER bill came: MRN {order}, {n},000 dollars for {why}. Insurance denied. {Be nice to your NHS|USA USA}"),
    _fine("politics", "{n} million on waiting lists. {Who leaked the report|They knew}. Privatisation by neglect. {RT|Sign the petition}", "news_or_public"),
    _fine("phone_list", "New numbers: {friend} {mobile}, allotment shed code {m}{n}, boiler man ref {sorder}. {Private list do not share|save these}"),
    _fine("invite", "{Ward|Work} night out on Friday, 8pm. Numbers to {friend} on {mobile}. {Dress code: scrubs|patients not invited}"),
    _fine("allotment", "{Blight|Blackfly} on {my tomatoes|the beans}. Treatment plan: soap spray. Prognosis poor. {spec} referral for me back"),
    _fine("book_isbn", "Finished the hospital novel, ISBN {order}. {m}/10. The discharge scene {wrecked me|was silly}."),
    _fine("recall", "Safety notice: batch {m}{n} of {drug}. Return packs to any pharmacy. {No patient harm reported|Ref {order}}", "news_or_public"),
    _fine("quote", "\"{Healing is not linear|Be patient with yourself|Rest is a prescription}\" {x|- granny|\U0001f33f}"),
    _fine("gym", "Gym wants a doctor's note to freeze membership {order}. For a {sprained ankle|cold}. {Confidential my foot|literally my foot}"),
)  # fmt: skip
LAYOUTS = (*LEAKS, *FINE)
