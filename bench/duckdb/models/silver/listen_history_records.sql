with

parsed as (

    select
        *,
        from_json(
            payload,
            '{"user_id": "VARCHAR", "items": ["VARCHAR"],
            "created_at": "VARCHAR", "updated_at": "VARCHAR"}'
        ) as record
    from {{ ref('listen_history_raw') }}

),

renamed as (

    select
        record.user_id,
        list_filter(record.items, lambda item: item is not null) as track_ids,
        {{ to_utc('record.created_at') }} as listened_at,
        {{ to_utc('record.updated_at') }} as sent_updated_at,
        {{ lineage() }}
    from parsed

),

judged as (

    select
        *,
        coalesce(greatest(listened_at, sent_updated_at), ingested_at::timestamp) as updated_at,
        coalesce(sent_updated_at < listened_at, false) as is_updated_at_repaired,
        case
            when user_id is null then 'missing_id'
            when coalesce(len(track_ids), 0) < 1 then 'no_tracks'
        end as reject_reason
    from renamed

),

keyed as (

    select
        * exclude (sent_updated_at, payload),
        hash(user_id, coalesce(listened_at::varchar, payload)) as moment_key,
        {{ month_of('listened_at') }} as listened_month,
        case when reject_reason is not null then payload end as rejected_payload
    from judged

),

identified as (

    select *, hash(moment_key, array_to_string(track_ids, ',')) as listening_key
    from keyed

),

compared as (

    select
        *,
        max(updated_at) over (partition by moment_key, reject_reason) as newest_at,
        row_number() over (
            partition by moment_key, reject_reason, listening_key
            order by {{ newest_first() }}
        ) as repetition
    from identified

),

ranked as (

    select
        * exclude (newest_at, repetition),
        case
            when updated_at is not distinct from newest_at then repetition else repetition + 1
        end as recency
    from compared

)

select * exclude (recency), {{ fate() }} as fate
from ranked
