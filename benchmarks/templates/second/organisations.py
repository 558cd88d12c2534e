"""Organisations that do not exist, with print of their own; those of `SISTERS` have no form registered."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.templates.organisations import House


@dataclass(frozen=True, slots=True)
class Letterhead(House):
    """An organisation and how it sets its letterhead; telephone numbers are of the ranges kept for drama."""

    accent: str
    motto: str
    arrange: str
    """left, right, centre or band."""


REGISTERED = (
    Letterhead("Wraymoor Valley Hospitals NHS Foundation Trust", "Wraymoor Valley Hospital", "Fuller's Row",
               "Wraymoor", "WX84 6BD", "01632 960118", "wraymoorvalley.example", "#005eb8", "river", "Liberation Sans",
               "#41b6e6", "Kind care, close by", "right"),
    Letterhead("Dunhallow Teaching Hospitals NHS Trust", "Dunhallow Royal", "Abbey Walk", "Dunhallow", "DV92 1RT",
               "01632 960274", "dunhallowteaching.example", "#5b2a86", "tower", "Carlito", "#c9a227",
               "Learning from every patient", "left"),
    Letterhead("Isle of Sarrow Integrated Health NHS Trust", "Sarrow Harbour Hospital", "Signal Hill", "Port Sarrow",
               "JV81 3QN", "01632 960333", "sarrowhealth.example", "#00708c", "anchor", "Open Sans", "#f2a900",
               "One island, one team", "left"),
    Letterhead("Gannerdale and Thrushcombe Healthcare NHS Trust", "Thrushcombe Hospital", "Cloth Hall Street",
               "Thrushcombe", "GW87 9HA", "01632 960492", "gannerdale.example", "#7c1d2f", "tree", "Lato", "#58913b",
               "Rooted in our valleys", "band"),
    Letterhead("Orlestone Bay University Health NHS Trust", "Princess Ottilie Hospital", "Esplanade West", "Orlestone",
               "QH95 2LP", "01632 960557", "orlestonebay.example", "#003a70", "sun", "Roboto", "#ff8200",
               "Research. Teach. Heal.", "right"),
    Letterhead("Mossgate Partnership NHS Foundation Trust", "Linden House", "Canal Reach", "Mossgate", "MW88 5EB",
               "01632 960601", "mossgatepartnership.example", "#2e6b4f", "knot", "Cantarell", "#a4ce39",
               "Hope, choice, recovery", "centre"),
    Letterhead("Ebbsworth and Rookhope Care NHS Trust", "Rookhope Cottage Hospital", "Smithy Brow", "Rookhope",
               "EB90 8TW", "01632 960688", "ebbsworthcare.example", "#1b4d3e", "bird", "Karla", "#d7263d",
               "At home, together", "left"),
    Letterhead("Callowshire Women and Newborn NHS Trust", "The Callow Maternity Hospital", "Park Crescent", "Callowick",
               "CE83 7JS", "01632 960736", "callowwomen.example", "#b0125b", "flower", "Quicksand", "#6d6e71",
               "Every birth matters", "centre"),
    Letterhead("Stanewater Acute and Emergency NHS Trust", "Stanewater Infirmary", "Ropery Lane", "Stanewater",
               "SV82 4KF", "01632 960802", "stanewateracute.example", "#b3261e", "shield", "Roboto Condensed", "#222222",
               "Ready. Always.", "band"),
    Letterhead("Hexley Downs Primary and Community NHS Trust", "Hexley Health Campus", "Chalk Pit Road", "Hexley",
               "HN94 6YD", "01632 960859", "hexleydowns.example", "#006747", "mountain", "Inter", "#78be20",
               "Health in every street", "left"),
    Letterhead("Northwold Specialist Hospitals NHS Trust", "The Northwold Orthopaedic Hospital", "Mercer's Way",
               "Northwold", "NK89 1VC", "01632 960913", "northwoldspecialist.example", "#1d3c34", "star",
               "Liberation Serif", "#a67c2e", "Founded 1871", "centre"),
    Letterhead("Kestrelbank Digital Hospitals NHS Trust", "Kestrelbank General", "Foundry Gate", "Kestrelbank",
               "KD96 3UB", "01632 960977", "kestrelbank.example", "#0b7a75", "hex", "Inter", "#f45b69",
               "Joined up care", "left"),
)  # fmt: skip
SISTERS = (
    Letterhead("Fennimore Coast Hospitals NHS Trust", "Fennimore General Hospital", "Lifeboat Road", "Fennimore",
               "FR85 2NA", "01632 960144", "fennimorecoast.example", "#0072ce", "bridge", "Roboto", "#768692",
               "Caring for our coast", "right"),
    Letterhead("Aldermarsh Hospitals NHS Foundation Trust", "Aldermarsh Park Hospital", "Poplar Drove", "Aldermarsh",
               "AK91 8RE", "01632 960209", "aldermarsh.example", "#006a5b", "initials", "Open Sans", "#ffb81c",
               "Better every day", "right"),
    Letterhead("Brindlecombe and West Tarrant NHS Trust", "Tarrant Bridge Hospital", "Drovers Lane", "Brindlecombe",
               "BW86 4PQ", "01632 960266", "brindlecombe.example", "#41403e", "flower", "Lato", "#e4002b",
               "People first", "left"),
    Letterhead("Lydbury Forest Healthcare NHS Trust", "Lydbury Forest Hospital", "Charcoal Lane", "Lydbury", "LB93 7DG",
               "01632 960317", "lydburyforest.example", "#3f2a14", "bird", "Cantarell", "#4c8c2b",
               "Care among the oaks", "centre"),
    Letterhead("Ravenstock University Hospitals NHS Trust", "Ravenstock Royal Infirmary", "Guildhall Place",
               "Ravenstock", "RV82 9LX", "01632 960389", "ravenstock.example", "#1f1a4f", "shield", "Carlito", "#9b2743",
               "Excellence in care", "left"),
    Letterhead("Pentreath Community and Mental Health NHS Trust", "Polgarth House", "Wheal Street", "Pentreath",
               "PW88 1CM", "01632 960438", "pentreathcmh.example", "#6a3b8f", "sun", "Inter", "#00b2a9",
               "With you, for you", "band"),
    Letterhead("Tolcarne and Amberley Hospitals NHS Trust", "Amberley Wells Hospital", "Spa Terrace", "Amberley Wells",
               "TB97 5HU", "01632 960526", "tolcarneamberley.example", "#8a4b08", "tower", "Liberation Serif", "#14505c",
               "Since 1902", "centre"),
    Letterhead("Oxmoor Vale Women's Health NHS Trust", "Oxmoor Vale Hospital", "Nightingale Drive", "Oxmoor",
               "OB84 3ST", "01632 960575", "oxmoorvale.example", "#00546b", "knot", "Open Sans", "#ef60a3",
               "Safe beginnings", "left"),
    Letterhead("Yarnholme Emergency Hospitals NHS Trust", "Yarnholme District General", "Weavers Gate", "Yarnholme",
               "YN95 6WB", "01632 960643", "yarnholme.example", "#0033a0", "hex", "Liberation Sans", "#009639",
               "Here when it counts", "right"),
    Letterhead("Uskerdale Local Health NHS Trust", "Uskerdale Centre for Health", "Kiln Brae", "Uskerdale", "UW89 2ZJ",
               "01632 960719", "uskerdale.example", "#a50034", "river", "Karla", "#54585a",
               "Local. Fair. Friendly.", "band"),
    Letterhead("Vennington Joint and Spine NHS Trust", "Vennington Park", "Saddlers Row", "Vennington", "VN92 5FA",
               "01632 960774", "venningtonpark.example", "#004b87", "initials", "Roboto", "#ff6a13",
               "Moving lives forward", "left"),
    Letterhead("Winterhulme Connected Care NHS Trust", "Winterhulme Hospital", "Brewery Yard", "Winterhulme",
               "WB81 8GN", "01632 960896", "winterhulme.example", "#4a154b", "mountain", "Lato", "#2eb67d",
               "Care without walls", "right"),
)  # fmt: skip
