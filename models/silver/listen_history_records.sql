with

listen_history as (

    select * from {{ ref('listen_history_raw') }}

),

parsed as (

    select
        *,
        from_json(
            payload,
            'user_id string, items array<string>,
            created_at string, updated_at string'
        ) as record
    from listen_history

),

renamed as (

    select
        ---------- keys
        record.user_id,

        ---------- lists
        filter(record.items, item -> item is not null) as track_ids,

        ---------- timestamps
        {{ to_utc('record.created_at') }} as listened_at,
        {{ to_utc('record.updated_at') }} as sent_updated_at,

        ---------- lineage
        {{ lineage() }}

    from parsed

),

judged as (

    select
        *,
        xxhash64(
            user_id,
            coalesce(cast(listened_at as string), payload),
            array_join(track_ids, ',')
        ) as listening_key,
        coalesce(greatest(listened_at, sent_updated_at), ingested_at)
            as updated_at,
        coalesce(sent_updated_at < listened_at, false)
            as is_updated_at_repaired,
        case
            when user_id is null then 'missing_id'
            when coalesce(size(track_ids), 0) < 1 then 'no_tracks'
        end as reject_reason
    from renamed

),

-- A later `updated_at` replaces what the user had at that time. Records that
-- agree in both but list other tracks are events of their own.
compared as (

    select
        *,
        max(updated_at) over (
            partition by
                user_id,
                coalesce(cast(listened_at as string), payload),
                reject_reason
        ) as newest_at,
        {{ recency_rank('listening_key') }} as repetition
    from judged

),

ranked as (

    select
        * except (newest_at, repetition),
        if(updated_at <=> newest_at, repetition, repetition + 1) as recency
    from compared

),

listen_history_records as (

    select
        * except (recency, sent_updated_at, payload),
        {{ fate() }} as fate,
        if(reject_reason is not null, payload, null) as rejected_payload
    from ranked

)

select * from listen_history_records
