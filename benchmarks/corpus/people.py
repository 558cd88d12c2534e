"""Invented people with names of many origins, and Scottish ones with a published test value as CHI number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

from benchmarks.synth.people import Person, draw_person

_POOLS: tuple[tuple[int, str, str, str], ...] = (
    # share, women, men, families
    (30,
     "Alison Amanda Barbara Beryl Carol Charlotte Chloe Christine Deborah Diane Dorothy Edna Eileen Elsie Emily "
     "Freya Georgia Gillian Hannah Hazel Heather Isla Jacqueline Janet Jean Jessica Joyce Karen Lauren Linda Lorraine "
     "Lucy Lynn Marjorie Maureen Megan Molly Muriel Natalie Nicola Pamela Paula Phoebe Rosie Sharon Sheila Sophie "
     "Stacey Sylvia Tracey Vera Wendy Zoe",
     "Adrian Albert Andrew Anthony Arthur Barry Ben Brian Charlie Christopher Clive Colin Craig Daniel David Dennis "
     "Douglas Edward Eric Frank Gary Geoffrey George Harold Harry Ian Jack James Jason Jeremy Kevin Lee Leslie Lewis "
     "Mark Martin Nigel Oliver Oscar Paul Philip Raymond Reginald Richard Ronald Ryan Scott Simon Stanley Terence Trevor "
     "Walter Wayne William",
     "Addlestone Ainscough Arkwright Armitage Backhouse Baldock Barraclough Bayliss Beardsley Bentham Birtwistle Blakemore "
     "Boothroyd Bramley Broadbent Brocklehurst Burridge Chadwick Clutterbuck Coddington Cowgill Crabtree Cribbins "
     "Dewhurst Dunkerley Eccleston Fazakerley Fothergill Garside Greenhalgh Grimshaw Hargreaves Heptonstall Higginbottom "
     "Holroyd Illingworth Jagger Kershaw Lumley Makepeace Marchbanks Micklethwaite Murgatroyd Naylor Oldroyd Openshaw "
     "Pickersgill Postlethwaite Ramsden Rigby Rowbottom Satterthwaite Shufflebottom Sidebotham Sowerby Stansfield "
     "Sugden Tattersall Threlfall Tunnicliffe Underhill Wadsworth Whittaker Widdop Winterbottom Wooldridge Yardley"),
    (8, "Aileen Catriona Eilidh Fiona Isobel Kirsty Mairi Morag Shona Una",
     "Alasdair Angus Callum Duncan Ewan Fraser Gregor Hamish Iain Rory",
     "Abercrombie Auchterlonie Balfour Carnegie Colquhoun Dalgleish Drummond Farquharson Gilchrist Kilbride Lockerbie "
     "MacAskill Macintyre McAllister McCorquodale McGlashan McIlwraith Menzies Pitcairn Strachan Urquhart"),
    (7, "Angharad Carys Ceri Delyth Eleri Ffion Gwenllian Lowri Menna Nerys Rhiannon Seren",
     "Aled Dafydd Emrys Gethin Huw Idris Iestyn Ieuan Llew Owain Rhodri Tudur",
     "ap Rhys Bevan Gwynne Hopkin Llewelyn Maddocks Parry-Rees Penhale Probert Prosser Pugh Rhydderch Tegwyn Trahearne"),
    (7, "Aoife Bernadette Caoimhe Deirdre Grainne Mairead Niamh Nuala Orla Roisin Sinead",
     "Cathal Ciaran Conor Declan Diarmuid Eamon Fergal Niall Padraig Seamus",
     "Brannigan Cassidy Devenney Donaghy Gallagher Gormley Heaney Kilpatrick Loughran Mac Giolla McAteer McGuigan McKeown "
     "Mulgrew O'Dowd O'Hagan O'Kane Quigg Rafferty Toner"),
    (11, "Aaliyah Amina Ayesha Bushra Fatima Hafsa Humaira Iqra Khadija Mariam Nadia Nasreen Parveen Razia Sadia "
         "Shabana Shazia Sumaiya Tahira Zainab Zara",
     "Abdul Adeel Ahmed Asif Bilal Faisal Hamza Haroon Ibrahim Kamran Khalid Mohammed Mubashir Nadeem Omar Rashid Saqib "
     "Shafiq Tariq Usman Zahid Zubair",
     "Ahmad Akhtar Ali Aslam Awan Bashir Begum Butt Chaudhry Dar Hussain Iqbal Javed Khan Malik Miah Mirza Qureshi Rafiq "
     "Rahman Sheikh Siddiqui Uddin Yaqub"),
    (9, "Amrita Anjali Deepa Gurpreet Harjit Jasvinder Kavita Lakshmi Manjit Meena Neha Nisha Pooja Rekha Savita Shreya "
        "Sunita Usha",
     "Amit Arjun Baljit Dinesh Gurdeep Harpreet Jaspal Kiran Manoj Mahesh Nikhil Pradeep Rohan Sandeep Satnam Sunil "
     "Vijay Vikram",
     "Ahluwalia Bhatt Chauhan Desai Dhaliwal Gill Iyer Joshi Kapoor Kaur-Bains Krishnan Mehta Mistry Nair Patel Pillai Rao "
     "Sandhu Shah Sharma Singh Sivakumar Solanki Subramaniam Thakkar Varma"),
    (9, "Abena Adaeze Adwoa Amara Blessing Chiamaka Esther Folake Funmilayo Mercy Ngozi Nkechi Oluwaseun Patience Precious "
        "Thandiwe Tolulope Yetunde",
     "Adebayo Babatunde Chidi Chukwuemeka Emeka Femi Kofi Kojo Kwabena Mandla Obinna Olumide Segun Simba Tendai Tunde "
     "Yaw",
     "Acheampong Adeyemi Afolabi Agyeman Akinola Amoah Asante Balogun Boateng Chikwanha Danso Eze Igwe Kamara Mensah Moyo "
     "Mwangi Ndlovu Nwosu Obi Ogunleye Okafor Okonkwo Onyango Osei Owusu Sesay Tshabalala"),
    (4, "Cleopatra Delores Ionie Jasmine Latoya Merlene Shanice Velma",
     "Clifton Delroy Desmond Everton Leroy Neville Tyrone Vincent",
     "Anglin Blackwood Campbelle Cumberbatch Dacosta Fearon Gayle Golding Lindo Pinnock Poyser Sobers"),
    (9, "Agnieszka Aleksandra Anca Beata Danuta Elena Gabriela Ilona Ioana Jolanta Katarzyna Kateryna Magdalena "
        "Malgorzata Oksana Simona Svetlana Zuzanna",
     "Andrei Bogdan Dariusz Grzegorz Ion Jakub Jaroslaw Krzysztof Marek Mihai Miroslav Oleksandr Pawel Radu Slawomir "
     "Stefan Vasile Wojciech",
     "Bielak Constantinescu Czajkowska Dumitru Georgieva Gorski Jankauskas Kalnins Kowalczyk Lewandowska Marinescu "
     "Mazurek Nowicki Ozols Pavlenko Petrov Popescu Shevchuk Sikora Stoica Szymanski Todorova Wisniewska Zielinska"),
    (5, "Hui Jia Li Mei Siew Thuy Trang Wai Xin Yan", "Cheng Duc Hao Jun Kwok Minh Tuan Wei Yiu Zhi",
     "Chan Cheung Dang Fung Ho Huang Lam Leung Ng Nguyen Pham Tam Tran Tsang Wong Xu Yip Zhang"),
    (5, "Carla Chiara Despina Eleni Ines Lucia Mariana Paloma Rosa Sofia",
     "Alessandro Antonio Bruno Costas Diego Giannis Joao Mateo Nuno Vincenzo",
     "Andreou Barbosa Christodoulou De Luca Esposito Fernandes Georgiou Herrera Lombardi Papadakis Pereira Ribeiro Santos "
     "Sousa Zapata"),
    (5, "Abla Ayan Dilan Fadumo Hodan Leila Narges Nour Rojin Samira Selam Yodit Zeynep",
     "Abdi Ali-Reza Baran Dawit Farhan Hassan Karwan Mehmet Mustafa Reza Samatar Tesfaye Yonas",
     "Abdullahi Al-Hakimi Barzani Demir Farah Gebremariam Haile Hosseini Jama Kaya Mohamud Nazari Osman Rahimi "
     "Rostami Tekle Warsame Yilmaz"),
    (3, "Charmaine Cherry-Ann Imelda Jovelyn Maricel Rowena", "Arnel Benjie Crisanto Jomar Rodel Virgilio",
     "Bautista Delos Reyes Macaraeg Magbanua Pangilinan Salonga Villanueva"),
)  # fmt: skip
_PARTICLES = ("ap Rhys", "Mac Giolla", "De Luca", "Delos Reyes")
CHI_BORN = {
    "1904851231": (date(1985, 4, 19), "Male"),
    "2902201230": (date(2020, 2, 29), "Male"),
    "0101336489": (date(1933, 1, 1), "Female"),
    "0101201234": (date(2020, 1, 1), "Male"),
    "0101011237": (date(2001, 1, 1), "Male"),
}
"""The published test values -> the birth date and sex they state."""


def _families(names: str) -> list[str]:
    for name in _PARTICLES:
        names = names.replace(name, name.replace(" ", "_"))
    return [name.replace("_", " ") for name in names.split()]


def draw_patient(rng: Random, ages: tuple[int, int] = (19, 88), sex: str | None = None) -> Person:
    """One person of the wide pool, aged within `ages` at the end of 2026, and not always of one origin."""
    person = draw_person(rng, ages, sex)
    given, family = (rng.choices(_POOLS, [pool[0] for pool in _POOLS])[0] for _ in range(2))
    if rng.random() < 0.9:
        family = given
    women, men = given[1].split(), given[2].split()
    title = person.title if person.age(date(2026, 11, 1)) > 17 else _young(person.sex)
    return replace(
        person,
        title=title,
        given=rng.choice(women if person.sex == "Female" else men),
        family=rng.choice(_families(family[3])),
    )


def _young(sex: str) -> str:
    return "Miss" if sex == "Female" else "Master"


def draw_scot(rng: Random) -> Person:
    """A person whose number is one of the published CHI test values, with its birth date and sex."""
    number = rng.choice(sorted(CHI_BORN))
    born, sex = CHI_BORN[number]
    person = draw_patient(rng, sex=sex)
    child = born.year > 2010
    return replace(person, born=born, nhs_number=number, title=_young(sex) if child else person.title)


def draw_staff(rng: Random, title: str = "Dr") -> str:
    """A clinician's name: title, initial, family name."""
    person = draw_patient(rng)
    return f"{title} {person.given[0]} {person.family}".strip()
