"""What becomes of an account is told in the audit trail of each organization that its owner belongs to."""

from psycopg.types.json import Jsonb

from sendtrail.store.database import Connection


async def put(connection: Connection, member_id: int, actor: str, action: str, **detail: object) -> None:
    """Note what somebody did with the account of a member; of number 0, who is nobody, nothing."""
    await connection.execute(
        "insert into audit (organization_id, actor, action, subject, detail)"
        " select organization_id, %(actor)s, %(action)s, email, %(detail)s"
        "  from membership join member on member.id = member_id"
        " where member_id = %(id)s",
        {"id": member_id, "actor": actor, "action": action, "detail": Jsonb(detail)},
    )


async def put_soon(connection: Connection, member_id: int, actor: str, action: str) -> None:
    """`put`, without waiting for the disk: whether there is such a member cannot be told by the time that it takes."""
    await connection.execute("set local synchronous_commit = off")
    await put(connection, member_id, actor, action)
