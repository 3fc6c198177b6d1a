"""States and provinces with their two letters, and where the first three digits of a ZIP Code are.

States and their abbreviations: USPS Publication 28, appendix B. Prefixes: the 3-Digit ZIP Code Prefix Matrix of the
Domestic Mail Manual (labeling list L002). Where a prefix crosses a border, or is shared by territories, all are named.
"""

from collections.abc import Mapping

_STATES = """AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware
DC District of Columbia|FL Florida|GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky
LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana
NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota
OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|SC South Carolina|SD South Dakota|TN Tennessee|TX Texas
UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming|AA Armed Forces Americas
AE Armed Forces Europe|AP Armed Forces Pacific|AS American Samoa|FM Federated States of Micronesia|GU Guam
MH Marshall Islands|MP Northern Mariana Islands|PR Puerto Rico|PW Palau|VI Virgin Islands"""
_PROVINCES = """AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NS Nova Scotia
NT Northwest Territories|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan|YT Yukon"""
_AREAS = """005 NY|006-007 PR|008 VI|009 PR|010-027 MA|028-029 RI|030-038 NH|039-049 ME|050-054 VT|055 MA|056-059 VT
060-062 CT|063 CT NY|064-069 CT|070-089 NJ|090-098 AE|099 AE NJ|100-149 NY|150-196 PA|197-199 DE|200 DC VA|201 VA
202 DC|203 DC MD|204 DC|205 DC MD VA|206 MD|207 MD DC|208-212 MD|214-219 MD|220-246 VA|247-268 WV|270-289 NC
290-299 SC|300-319 GA|320-339 FL|340 AA|341-342 FL|344 FL|346-347 FL|349 FL|350-352 AL|354-369 AL|370-385 TN
386-397 MS|398-399 GA|400-418 KY|420-421 KY|422 KY TN|423-427 KY|430-459 OH|460-479 IN|480-499 MI|500-516 IA
520-528 IA|530-532 WI|534-535 WI|537-549 WI|550-551 MN|553-567 MN|569 DC|570-577 SD|580-588 ND|590-599 MT|600-620 IL
622-629 IL|630-631 MO|633-641 MO|644-658 MO|660-662 KS|664-679 KS|680 NE|681 NE IA|683-693 NE|700-701 LA|703-708 LA
710-711 LA|712 LA MS|713-714 LA|716-725 AR|726 AR MO|727-729 AR|730-731 OK|733 TX|734-738 OK|739 OK TX|740-741 OK
743-749 OK|750-754 TX|755 TX AR|756-770 TX|772-799 TX|800-810 CO|811 CO NM|812-816 CO|820-831 WY|832-833 ID
834 ID WY|835-838 ID|840-844 UT|845 UT AZ|846-847 UT|850-853 AZ|855-857 AZ|859-860 AZ|863-864 AZ|865 AZ NM
870-871 NM|873-875 NM|877-884 NM|885 TX|889-891 NV|893-895 NV|897-898 NV|900-908 CA|910-928 CA|930-959 CA|960 CA
961 CA NV|962-966 AP|967 HI AS|968 HI|969 GU FM MH MP PW|970-975 OR|976 OR CA|977-979 OR|980-986 WA|988-994 WA
995-999 AK"""


def _named(table: str) -> dict[str, str]:
    """From the name in small letters to the two letters."""
    pairs = (each.split(" ", 1) for line in table.split("\n") for each in line.split("|"))
    return {name.lower(): letters for letters, name in pairs}


def _areas(table: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in table.replace("\n", "|").split("|"):
        digits, *states = each.split()
        first, _, last = digits.partition("-")
        for number in range(int(first), int(last or first) + 1):
            found[f"{number:03}"] = tuple(states)
    return found


STATE_NAMES: Mapping[str, str] = _named(_STATES)
PROVINCE_NAMES: Mapping[str, str] = _named(_PROVINCES)
STATES = frozenset(STATE_NAMES.values())
PROVINCES = frozenset(PROVINCE_NAMES.values())
AREAS: Mapping[str, tuple[str, ...]] = _areas(_AREAS)
"""From the first three digits of a ZIP Code to the states that have such; what nobody has is missing."""
