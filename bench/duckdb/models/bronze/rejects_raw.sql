-- The bench lands nothing that could not be landed.
select
    null::varchar as endpoint,
    null::varchar as reason,
    null::varchar as payload,
    null::varchar as _batch_id,
    null::int as _page,
    null::int as _position,
    null::timestamptz as _ingested_at
where false
