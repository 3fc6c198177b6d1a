"""What can be wrong with what somebody asks for. Services raise these; the edges translate them."""


class SendtrailError(Exception):
    """A refusal in one line for people; `param` names the field, `index` the item of a batch."""

    type = "invalid_request"

    def __init__(self, message: str, param: str | None = None, index: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.index = index


class Invalid(SendtrailError):
    """A value that cannot be taken."""


class NotFound(SendtrailError):
    type = "not_found"


class Conflict(SendtrailError):
    """True in itself, but at odds with what is already there."""

    type = "conflict"


class Unaffordable(SendtrailError):
    """Money that is not there, or may not be spent."""

    type = "insufficient_funds"


class Unauthorized(SendtrailError):
    type = "unauthorized"


class Forbidden(SendtrailError):
    type = "forbidden"


class TooLarge(SendtrailError):
    type = "too_large"


class NotSupported(SendtrailError):
    """Another product has it, Sendtrail does not."""

    type = "not_supported"
