"""Texts beside the pictures. Half say nothing; leaks come with harmless words and harmless pictures with grave ones."""

PLAIN = (
    "", "well", "today's post", "so this arrived", "\U0001f644", "what do you think", "monday again", "just going to leave this here",
    "make it make sense", "not sure what to say", "anyone know what this means", "long day", "this is the one I meant", "look what turned up", "hello?",
    "every time", "sorting the drawers out", "\U0001f602\U0001f602\U0001f602", "I give up", "sunday jobs", "number 3 will shock you", "here we go",
    "as promised", "see pic", "read the bottom bit", "the state of this", "and breathe", "finally some news", "I'll just put this here", "x",
)  # fmt: skip
LEAK = (
    *PLAIN[:16],
    "got this through my door and its not even for us", "next doors letter, postman strikes again", "so THIS is what she's been telling everyone",
    "documents we have been sent. the public should know", "my ex's letter. read line three", "found in a drawer at the old house",
    "told you he was lying", "posting this because nobody listens", "mum's letter, does this sound right to you?", "leaked. you didn't see it here",
    "found in the printer at work lol", "dad's results came", "can a doctor on here translate", "why has this come to my address",
    "someone left this on the train", "lovely weather today", "best lasagne in town", "new kitchen update", "bargain of the week",
)  # fmt: skip
FOUND = (
    *PLAIN[:12], "found this on the back seat of the bus", "who drops this in the street??", "does anyone know this person", "car park at the big Aldi, it was just lying there",
    "in the pocket of a coat from the charity shop", "dog brought this home", "hope they are not waiting for it", "lost and found, share please", "happy friday all",
)  # fmt: skip
OWN = (
    *PLAIN[:14], "my turn then", "scared but ready", "fourth letter this month", "me again", "finally got a date!!", "officially one of the club",
    "it's a keeper, two lines and all", "keeping this forever", "day 1 of many", "not the news I wanted", "proof for those who said I was making it up",
    "signed off, leave me alone", "look who is in the system now", "done! arm hurts", "can anyone explain this to me", "feeling hopeful x",
)  # fmt: skip
STAFF = (
    *PLAIN[:12], "my list tonight. pray for me", "and they wonder why we are leaving", "study notes, do not judge", "learn from this one", "quiet shift lol",
    "guess the diagnosis", "look who was in A&E", "every single night", "new system looks smart though", "first day on the ward!!", "who wrote this", "interesting case",
    "handwriting of the year award", "short staffed again", "you will not believe who is in bed 4", "tea break", "night 3 of 4",
)  # fmt: skip
HARMLESS = (
    *PLAIN, "confidential!!", "leaked documents", "patient details inside (not really)", "my NHS number is none of your business", "got sent this by mistake",
    "so private, much secret", "look who got discharged from adulthood", "diagnosis: skint", "doctor's orders", "found on the train", "not my letter but ok",
    "in the public interest", "this should never have been posted", "new in today", "come and see us", "proud of the team", "revision week", "day out with the kids",
    "share with anyone who needs it", "who else remembers these", "bargain", "please share", "book now", "patient records? in this economy?", "my results are in \U0001f440",
    "someone lost this", "going private after this", "A&E at 3am so this is my entertainment", "the consultant has spoken",
)  # fmt: skip
