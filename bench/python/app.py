"""Two routes of the vault as a Python programmer would write them: FastAPI behind Mangum, with asyncpg, one
connection and the same queries. The benchmark compares their CPU time with the vault's."""

import os
from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg
import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPBearer
from mangum import Mangum
from pydantic import BaseModel


class Quota(BaseModel):
    used_bytes: int
    limit_bytes: int


class Topic(BaseModel):
    confidence: float | None
    id: UUID
    manual: bool
    name: str
    system: bool


class Document(BaseModel):
    id: UUID
    filename: str
    content_type: str
    size_bytes: int | None
    sha256: str | None
    status: str
    created_at: datetime
    confirmed_at: datetime | None
    ai_provider: str | None
    ai_model: str | None
    classified_at: datetime | None
    topics: list[Topic]


class Page(BaseModel):
    items: list[Document]


app = FastAPI()
pool = None


async def database() -> asyncpg.Pool:
    """Connects at the first request. Later requests use the same pool: Mangum keeps its event loop."""
    global pool
    pool = pool or await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1, max_size=1)
    return pool


def user(token=Depends(HTTPBearer())) -> UUID:
    try:
        claims = jwt.decode(token.credentials, os.environ["JWT_SECRET"], ["HS256"], audience="docuvault")
    except jwt.PyJWTError as error:
        raise HTTPException(401) from error
    return UUID(claims["sub"])


User = Annotated[UUID, Depends(user)]
Database = Annotated[asyncpg.Pool, Depends(database)]


@app.get("/api/auth/me/quota")
async def quota(user: User, pool: Database) -> Quota:
    row = await pool.fetchrow(
        """select u.standing, q.used_bytes, q.limit_bytes
        from users u left join quotas q on q.user_id = u.id where u.id = $1""", user)
    if row is None or row["standing"] != "user":
        raise HTTPException(403)
    return Quota(used_bytes=row["used_bytes"], limit_bytes=row["limit_bytes"])


@app.get("/api/documents")
async def documents(user: User, pool: Database, limit: int = 50) -> Page:
    rows = await pool.fetch(
        """select d.id, d.filename, d.content_type, d.size_bytes, d.sha256, d.status, d.created_at,
            d.confirmed_at, d.ai_provider, d.ai_model, d.classified_at, t.*
        from users u join document_access d on d.account_id = u.id left join lateral (
            select array_agg(t.id) as ids, array_agg(t.name) as names,
                array_agg(t.user_id is null) as systems, array_agg(dt.manual) as manuals,
                array_agg(dt.confidence) as confidences
            from document_topics dt join topics t on t.id = dt.topic_id
            where dt.document_id = d.id and not dt.dismissed
        ) t on true
        where u.id = $1 and u.standing = 'user' and d.status <> 'pending'
        order by d.created_at desc, d.id desc limit $2""", user, limit)
    return Page(items=[Document(topics=topics(row), **dict(row)) for row in rows])


def topics(row) -> list[Topic]:
    columns = zip(*(row[name] or () for name in ("ids", "names", "systems", "manuals", "confidences")))
    return [Topic(id=id, name=name, system=system, manual=manual, confidence=confidence)
            for id, name, system, manual, confidence in columns]


handler = Mangum(app, lifespan="off")
