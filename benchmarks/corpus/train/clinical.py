"""Invented cases of the training layouts, one row each: specialty, history, diagnoses, medicines, plan, story."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Case:
    """A short clinical story; {he}, {his}, {age} are filled in by `told`."""

    specialty: str
    complaint: str
    diagnoses: tuple[str, ...]
    medicines: tuple[str, ...]
    plan: tuple[str, ...]
    story: str

    def told(self, he: str, his: str, age: int) -> str:
        """The story of one patient."""
        return self.story.format(he=he, He=he.capitalize(), his=his, age=age)


def _case(row: str) -> Case:
    specialty, complaint, diagnoses, medicines, plan, story = (part.strip() for part in row.split("|"))
    diagnoses_, medicines_, plan_ = (
        tuple(x.strip() for x in p.split(";")) for p in (diagnoses, medicines, plan)
    )
    return Case(specialty, complaint, diagnoses_, medicines_, plan_, story)


ADULT = tuple(map(_case, """
Rheumatology | painful swollen hands | Seropositive rheumatoid arthritis (CCP 214); Osteopenia | Methotrexate 15 mg weekly; Folic acid 5 mg weekly; Naproxen 500 mg bd | Increase methotrexate to 20 mg; FBC, U&E and LFT monthly; Review in four months | This {age}-year-old has had early morning stiffness of ninety minutes. DAS28 today was 5.1 with nine tender and six swollen joints. {He} is struggling at work and sleeping poorly. We discussed stepping up treatment and {he} agreed.
Gastroenterology | bloody diarrhoea | Ulcerative colitis, left sided, Mayo 2; Iron deficiency | Mesalazine 4.8 g daily; Prednisolone 40 mg reducing; Adcal D3 | Flexible sigmoidoscopy; Faecal calprotectin in eight weeks; IBD helpline given | {He} opens {his} bowels eight times a day with urgency and blood. Weight down 6 kg. CRP 48, calprotectin 1180. There was no perianal disease.
Neurology | blackouts and jerks | Focal epilepsy with bilateral tonic-clonic seizures; Migraine without aura | Levetiracetam 750 mg bd; Sumatriptan 50 mg prn | MRI brain with epilepsy protocol; No driving, DVLA informed; Clinic three months | There have been three attacks since June, two from sleep with tongue biting. {His_} partner describes staring and lip smacking. Examination was normal. EEG shows left temporal sharp waves.
Respiratory Medicine | breathlessness on stairs | Idiopathic pulmonary fibrosis, FVC 61%; Gastro-oesophageal reflux | Nintedanib 150 mg bd; Omeprazole 20 mg bd; Oramorph 2.5 mg prn | Oxygen assessment; Palliative care referral; Repeat lung function in January | {He} now stops after eighty metres. Saturations fell to 84% on walking. Fine crackles to the mid zones and clubbing. We talked openly about what may lie ahead.
Urology | blood in urine | Transitional cell carcinoma of bladder, G3 pT1; Benign prostatic enlargement | Tamsulosin 400 mcg od; Finasteride 5 mg od | Re-resection within six weeks; BCG course; CNS details given | TURBT showed a solid 3 cm tumour on the left wall. I explained the histology to this {age}-year-old and {his} family. There is no muscle invasion but the tumour is high grade.
Breast Surgery | lump found on self-examination | Invasive ductal carcinoma, grade 2, ER 8/8 HER2 negative; Anxiety | Letrozole 2.5 mg od; Zopiclone 3.75 mg nocte | Wide local excision and sentinel node biopsy; Genomic test; Support nurse to call | Triple assessment of the 19 mm lesion at two o'clock was M5 U5 B5b. The axilla was normal on ultrasound. {He} took the news calmly and would like surgery as soon as possible.
Psychiatry | low mood and thoughts of self-harm | F33.2 Recurrent depressive disorder, severe; F60.31 Emotionally unstable personality traits | Venlafaxine XL 225 mg; Quetiapine 100 mg nocte; Promethazine 25 mg prn | Care coordinator weekly; Crisis plan shared; Section 117 meeting on the 9th | {He} described hopelessness since losing {his} tenancy, with two overdoses this year. There was no psychosis. Capacity for treatment decisions was present. Risk to self moderate, to others low.
Diabetes | infected foot ulcer | Type 2 diabetes, HbA1c 98 mmol/mol; Charcot foot; Background retinopathy | Metformin 1 g bd; Empagliflozin 10 mg; Humalog Mix 25 38 units bd; Flucloxacillin 1 g qds | MRI foot; Total contact cast; Podiatry twice weekly | The plantar ulcer probes to bone. {He} has missed several clinics because of transport. We reviewed sick day rules and {his} insulin technique.
Cardiology | chest pain and palpitations | NSTEMI, PCI to LAD; LVEF 35%; Hypertension | Aspirin 75 mg; Ticagrelor 90 mg bd; Bisoprolol 2.5 mg; Ramipril 2.5 mg; Atorvastatin 80 mg | Cardiac rehabilitation; Echo at six weeks; Uptitrate ACE inhibitor | This {age}-year-old came in with four hours of chest tightness. Troponin rose from 212 to 4,880. Angiography showed a tight proximal LAD lesion, stented with a good result.
Renal | fatigue and swollen ankles | CKD stage 5, eGFR 11; IgA nephropathy; Secondary hyperparathyroidism | Alfacalcidol 0.5 mcg; Sevelamer 800 mg tds; Darbepoetin 40 mcg weekly | Fistula surgery booked; Transplant work-up; Low potassium diet | Creatinine has climbed to 512. {He} itches and has a poor appetite. We discussed haemodialysis, peritoneal dialysis and conservative care. {He} prefers home treatment.
General Surgery | right-sided abdominal pain | Perforated appendicitis; Post-operative ileus; Asthma | Co-amoxiclav 625 mg tds; Paracetamol 1 g qds; Salbutamol inhaler | Clips out in ten days; No lifting for six weeks; Histology awaited | Admitted with two days of pain moving to the right iliac fossa. Laparoscopic appendicectomy found pus in the pelvis. A drain stayed in for three days.
Elderly Medicine | fall, long lie | Fractured neck of left femur, hemiarthroplasty; Alzheimer's dementia; Postural hypotension | Alendronate 70 mg weekly; Donepezil 10 mg; Paracetamol 1 g qds; Senna 15 mg | Package of care four times daily; Falls clinic; Bloods in one week | Found by carers at 7am after a night on the bathroom floor. Abbreviated mental test 3 out of 10. {He} is confused at baseline and now needs one to transfer. {His_} daughter holds power of attorney.
Sexual Health | discharge and pain | Chlamydia trachomatis detected; Genital herpes, first episode | Doxycycline 100 mg bd seven days; Aciclovir 400 mg tds | Partner notification agreed; Test of cure six weeks; HIV test negative | {He} attended with a five-day history after a new partner. Swabs were taken and treatment given today. {He} asked that no letters be sent home.
Substance Misuse | wants to stop drinking | Alcohol dependence, AUDIT 34; Decompensated liver disease, Child-Pugh B; Hepatitis C, treated | Chlordiazepoxide reducing; Thiamine 100 mg tds; Spironolactone 100 mg | Detox bed on the 24th; Endoscopy for varices; Keyworker weekly | {He} drinks two litres of vodka a day and has been sleeping in {his} car. Two withdrawal seizures in the past. Ascites and spider naevi on examination.
Haematology | tiredness and night sweats | Diffuse large B-cell lymphoma, stage IIIB; Neutropenic sepsis, resolved | R-CHOP cycle 3 of 6; Allopurinol 300 mg; Aciclovir 400 mg bd | PET after cycle 4; PICC line care; 24 hour helpline card | Cycle two was complicated by fever of 39.2 with neutrophils of 0.1. Nodes are now hardly palpable. {He} has lost {his} hair and is off work until spring.
Ophthalmology | loss of central vision | Wet age-related macular degeneration, right eye; Cataracts, both eyes | Aflibercept injections; Lubricant drops | Injection every four weeks; OCT each visit; Certificate of visual impairment | Vision today 6/60 right and 6/12 left. OCT shows subretinal fluid. {He} lives alone and is worried about falling; referred to the low vision service.
""".strip().replace("{His_}", "The patient's").splitlines()))  # fmt: skip

CHILD = tuple(map(_case, """
Paediatrics | wheeze and fever | Viral induced wheeze; Atopic eczema | Salbutamol 100 mcg via spacer; Prednisolone 20 mg three days; Cetraben | Weaning plan given; Open access 48 hours; Health visitor informed | This {age}-year-old was brought by {his} mother with a day of cough and fast breathing. Saturations were 90% in air. Needed back-to-back nebulisers, then stretched to four hourly.
Child and Adolescent Mental Health | anxiety and not attending school | Autism spectrum disorder; Generalised anxiety; Self-harm by cutting | Fluoxetine 10 mg; Melatonin 4 mg | EHCP meeting; Family therapy; Safety plan shared with school | {He} has not been in school since September. {He} spoke of voices telling {his} to hurt people but could set them aside. Mum is exhausted. Social care are involved under section 17.
Community Paediatrics | late talking, bruises noted | Speech delay; Child protection medical completed | None | Strategy meeting Thursday; Audiology; Skeletal survey | Seen with the social worker. Three bruises of different ages on the back and upper arm. Body map completed. {He} was quiet and watchful. Weight on the second centile.
Paediatric Oncology | pallor and limp | Acute lymphoblastic leukaemia, day 29 MRD low risk | Mercaptopurine 50 mg; Methotrexate weekly; Co-trimoxazole | Consolidation from Monday; Hickman line care; School liaison | {He} has come through induction well apart from a wobbly walk. Counts are recovering. {His_} parents have been shown how to give the medicines at home.
Paediatric Diabetes | thirst and weight loss | Type 1 diabetes, new; Mild DKA | Insulin glargine 9 units; Novorapid 1:15 | Pump pathway; Dietitian; School care plan | Presented in DKA with pH 7.24, ketones 4.8. Now eating, {he} does {his} own finger pricks. Family trained on hypos and ketone checks.
""".strip().replace("{His_}", "The child's").splitlines()))  # fmt: skip

MATERNITY = tuple(map(_case, """
Maternity | booking at 10 weeks | G3 P1, previous emergency caesarean; Gestational diabetes; Domestic abuse disclosed | Aspirin 150 mg; Folic acid 5 mg; Metformin 500 mg bd | Growth scans 28, 32, 36 weeks; Birth choices clinic; Safeguarding midwife | Dating scan gives twelve weeks and three days. Rhesus negative, antibody screen negative. Smoking five a day. {He} told the midwife about shouting and pushing at home and has a safe word.
Maternity | reduced movements at 37 weeks | Pre-eclampsia; Fetal growth restriction, third centile | Labetalol 200 mg tds; Ferrous sulfate | Induction on Friday; Daily CTG; Neonatal team aware | Blood pressure 158/102 with two plus of protein. The CTG was reassuring. Liquor is reduced and the Dopplers are raised. Steroids given.
Gynaecology | heavy bleeding | Missed miscarriage at nine weeks; Fibroids | Misoprostol 800 mcg; Codeine 30 mg | Pregnancy test in three weeks; Counselling offered | Scan confirmed no heartbeat. {He} chose medical management at home and was given a leaflet and the ward's number. {He} came with {his} sister.
""".strip().splitlines()))  # fmt: skip

TESTS = (
    ("Haemoglobin", "g/L", 115, 165, 78, 190), ("White cell count", "10*9/L", 4, 11, 1, 28), ("Platelets", "10*9/L", 150, 400, 20, 620),
    ("MCV", "fL", 80, 100, 66, 118), ("Neutrophils", "10*9/L", 2, 7, 0, 22), ("Sodium", "mmol/L", 133, 146, 118, 152),
    ("Potassium", "mmol/L", 3, 5, 2, 7), ("Urea", "mmol/L", 3, 8, 2, 34), ("Creatinine", "umol/L", 45, 110, 40, 540),
    ("eGFR", "mL/min", 60, 120, 8, 90), ("ALT", "U/L", 5, 45, 10, 620), ("Alk. phosphatase", "U/L", 30, 130, 40, 480), ("Bilirubin", "umol/L", 0, 21, 4, 130),
    ("Albumin", "g/L", 35, 50, 19, 48), ("CRP", "mg/L", 0, 5, 1, 310), ("HbA1c", "mmol/mol", 20, 41, 30, 118), ("TSH", "mU/L", 1, 5, 0, 41),
    ("Ferritin", "ug/L", 15, 200, 4, 900), ("Troponin T", "ng/L", 0, 14, 3, 4800), ("PSA", "ug/L", 0, 4, 1, 96), ("Vitamin B12", "ng/L", 200, 900, 90, 1200),
)  # fmt: skip
WARDS = ("Ward 4B", "Ward 12", "AMU", "Willow Ward", "Nightingale", "SAU", "Ward C3", "Maple Unit", "Stroke Unit", "CCU", "Ward 21 Ortho", "Elm Ward",
         "Short Stay", "Delivery Suite", "PICU", "Heron")  # fmt: skip


def results(rng: Random, count: int) -> list[dict[str, str]]:
    """Some blood results with flags where they are outside the range."""
    rows = []
    for name, units, low, high, least, most in rng.sample(TESTS, count):
        value = rng.randint(low, high) if rng.random() < 0.55 else rng.randint(least, most)
        flag = "H" if value > high else "L" if value < low else ""
        rows.append(
            {
                "name": name,
                "units": units,
                "low": str(low),
                "high": str(high),
                "value": str(value),
                "flag": flag,
            }
        )
    return rows
