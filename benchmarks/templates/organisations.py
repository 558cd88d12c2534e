"""Organisations that do not exist and whose paper was not looked at while templates were built."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class House:
    """An organisation and its print; telephone numbers are of the ranges kept for drama."""

    name: str
    site: str
    street: str
    town: str
    postcode: str
    phone: str
    domain: str
    colour: str
    mark: str
    face: str


HOUSES = (
    House("Ostwick and Lindmoor NHS Foundation Trust", "Lindmoor General Hospital", "Tannery Lane", "Ostwick",
          "OW88 4LG", "01632 960411", "ostwicklindmoor.example", "#005eb8", "wave", "Liberation Sans"),
    House("Penmarrow University Hospitals NHS Trust", "Penmarrow Royal Infirmary", "Cliff Parade", "Penmarrow",
          "PM91 2RI", "01632 960782", "penmarrowhospitals.example", "#00437a", "cross", "Lato"),
    House("Harthorne Community Healthcare NHS Trust", "The Fallow Centre", "Fallow Street", "Harthorne",
          "HT85 7FC", "01632 960135", "harthornehealth.example", "#00695c", "leaf", "Open Sans"),
    House("Skelbrooke Hospitals NHS Foundation Trust", "Saint Osyth's Hospital", "Minster Road", "Skelbrooke",
          "SK94 9OS", "01632 960569", "skelbrookehospitals.example", "#41266b", "cross", "Roboto"),
    House("Tidewater Mental Health NHS Trust", "Quayside House", "Rope Walk", "Averham", "AV83 1QH",
          "01632 960243", "tidewatermh.example", "#0b6e8a", "wave", "Cantarell"),
    House("Brackenfell Acute Hospitals NHS Trust", "Brackenfell District Hospital", "Moss Bank", "Brackenfell",
          "BF96 3DH", "01632 960926", "brackenfell.example", "#8a2432", "leaf", "DejaVu Sans"),
    House("Culverden and Weald Partnership NHS Trust", "Weald Park Hospital", "Orchard Drive", "Culverden",
          "CW89 6WP", "01632 960358", "culverdenweald.example", "#1f5a2e", "leaf", "Inter"),
    House("Marlstone Integrated Care NHS Trust", "Marlstone Infirmary", "Castle Gate", "Marlstone", "MS82 5MI",
          "01632 960617", "marlstonecare.example", "#b25400", "cross", "Liberation Serif"),
)  # fmt: skip
