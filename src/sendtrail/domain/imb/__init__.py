"""The Intelligent Mail barcode (USPS-B-3200): 20 to 31 digits as 65 bars of four states, and back.

`encode` and `decode` take one code; `sendtrail.domain.imb.bulk` takes many at once and is imported on its own, for it
needs NumPy.
"""

from sendtrail.domain.imb.barcode import Barcode, ImbError, check, parse
from sendtrail.domain.imb.codec import decode, encode
from sendtrail.domain.imb.lines import decode_line, digits_of_line, encode_line

__all__ = ["Barcode", "ImbError", "check", "decode", "decode_line", "digits_of_line", "encode", "encode_line", "parse"]
