"""
Signs that an item speaks to the model instead of being labelled by it.

An item is marked as data in every prompt, and what a reply may be is checked
(see SECURITY.md); a model may obey it all the same. Whoever shows one of these
signs is therefore reviewed as if its label were wrong for certain. The signs
are few, plain and ours: they find the usual attacks, not every one, and a
text about attacks shows them as well.

Each is a regular expression that RE2 and Python read alike, matched without
regard to case against the item's shown texts, one below the other.
"""

from __future__ import annotations

from collections.abc import Mapping

NAME = "signs.v1"
_GOAL = r"(instructions?|prompts?|rules|guidelines?|directions?|directives?|definitions|criteria|context|messages?)"
_MODEL = (
    r"(ai|a\.i\.|llms?|chat ?bots?|chatgpt|gpt-?\d?|(language|ai) models?|ai assistants?|annotators?|labell?ers?"
    r"|(automated|automatic) (grader|rater|judge|classifier|reviewer)s?|classifiers?|evaluators?|raters?|graders?)"
)
_GAP = "[\\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*"
_OPENS, _SLASH, _CLOSES = "[<\uff1c\ufe64]", "[/\uff0f]", "[>\uff1e\ufe65]"
_ITEM = r"(this|it|these|them|everything|all|the (item|text|message|review|passage|claim|example|document|comment|above))"

SIGNS: Mapping[str, str] = {
    "sets instructions aside": (
        rf"\b(ignore|disregard|forget|override|bypass|neglect)\b[^.!?]{{0,40}}\b(previous|above|prior|earlier|preceding|all|any|your|these|those|system|original|other)\b[^.!?]{{0,30}}\b{_GOAL}\b"
        rf"|\b(ignore|disregard|forget|override|bypass) (the |your |all )*{_GOAL} (above|before|so far|you)\b"
        r"|\b(ignoriere?|vergiss|missachte)\b.{0,40}\b(anweisung|anleitung|vorgabe|regel)"
        r"|\b(ignore[zr]?|oublie[zr]?)\b.{0,30}\b(instructions|consignes|règles)\b"
        r"|\b(ignora|olvida|ignore)\b.{0,30}\b(instrucciones|istruzioni|instruções|reglas)\b"
        r"|(игнорируй|забудь).{0,40}(инструкци|указани|правил)"
        r"|(忽略|无视|忘记).{0,12}(指令|指示|说明|规则|提示)|(以前|上記|これまで).{0,8}(指示|命令).{0,6}無視"
    ),
    "gives new instructions": (
        r"\b(new|updated|revised|actual|real|hidden|secret|additional|overriding) (system )?(instructions?|task|rules|directives?|prompt|guidelines?)\b ?(:|-|—|follow)"
        r"|\b(begin|start|end) of (the )?(new |system |admin |hidden )*(instructions?|prompt|override)\b"
        r"|\b(system|admin|developer|debug|maintenance|override) (mode|override|notice|message|command|note)\b ?(:|-|—|\]|\))"
    ),
    "speaks to the model": (
        rf"\b(dear|hey|hello|hi|attention|note (to|for)|message (to|for)|instructions? (to|for)|you are|you're|act as|pretend (to be|you are)|to (the|any|whichever|whatever)|if you are|for) (now )?(an? |the |any |all |our )?{_MODEL}\b ?([:,.;!—-]|that|who|which|(is |are )?reading|processing|and must|you must|should|please)"
        rf"|\byou are (now )?(an? |the )?(different|unrestricted|new|free|jailbroken|helpful) ?({_MODEL}|assistant|persona|mode)"
    ),
    "plays a role of the conversation": (
        r"(^|\n)[ \t>*#]*(system|assistant|developer)( message| prompt)?[ \t*]*:"
        r"|<\|[a-z_ ]{2,30}\|>|\[/?inst\]|<</?sys>>|</?s>\s*\[|(^|\n)#{2,}\s*(system|instructions?|assistant|response|human)\b"
        r"|(^|\n)\s*human:\s.*\n+\s*assistant:"
    ),
    "wears our tags": rf"{_OPENS}{_GAP}{_SLASH}?{_GAP}(field|annotation|item|instructions?|system|prompt|task|labels?|answer|judgment|document|data|user_input)\b[^<>]{{0,80}}{_CLOSES}",
    "dictates the answer": (
        rf"\b(label|classify|mark|annotate|rate|score|tag|code|grade|judge|categori[sz]e) {_ITEM}( \w+){{0,2}} (as|with|to be)\b"
        r"|\b(you must|you should|you shall|you have to|please|always|only|just|simply|therefore|now|then) (answer|respond|reply|output|return|classify|label|annotate|rate|choose|select|pick|assign|say|write|print)\b[^.!?]{0,40}(\blabel|\bcategory\b|\bclass\b|['\"“`]|\bscore\b|\bverdict\b|\bjson\b|\bwith\b|\bas\b|\b[01](\.\d+)?\b)"
        r"|\b(correct|right|true|only|final|expected|gold|real) (label|category|class|verdict|classification|annotation|rating)( here| for this( \w+)?)? (is|=|:|should be|must be)"
        r"|\b(error|confidence|probability|error_probability|suspicion)( score| value)? (must|should|shall|has to|is to) be\b"
        r"|\bset (the )?(label|confidence|error[ _]probability|score|category) (to|=)"
    ),
    "holds a reply": r"[\"'“]\s*(label|labels|error_probability|suggested_label|confidence|verdict|annotation)\s*[\"'”]\s*:",
    "asks for what is not its own": (
        r"\b(reveal|repeat|print|show|output|leak|disclose|send|exfiltrate|post|quote|include|append|list|copy)\b[^.!?]{0,40}\b(system prompt|(your|the|these|all)( \w+)? (instructions|prompt|guidelines)|api[ _-]?keys?|environment variables?|(previous|other|earlier|all) (items?|messages?|conversations?|records?))\b"
    ),
    "hides text": (
        "[\U000e0000-\U000e007f\u202a-\u202e\u2066-\u2069]|[\u200b-\u200d\u2060-\u2064\ufeff]{3,}"
        r"|<!--|display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0\b|color\s*:\s*(white|#fff)"
    ),
    "is encoded": r"[a-z0-9+/]{100,}={0,2}|(\\x[0-9a-f]{2}){12,}|(%[0-9a-f]{2}){16,}",
}
"""Sign to pattern."""
