{{ config(materialized='incremental', partition_by=['listened_month']) }}

-- A version of a listening record, without what became of it.
{% set version %}
        listening_key,
        moment_key,
        user_id,
        track_ids,
        listened_at,
        updated_at,
        is_updated_at_repaired,
        batch_id,
        page,
        position,
        ingested_at,
        reject_reason,
        rejected_payload,
        listened_month
{% endset %}

with

listen_history as (

    select * from {{ ref('listen_history_raw') }}
    {% if is_incremental() %}
    where {{ is_new_batch(ref('listen_history_raw')) }}
    {% endif %}

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

keyed as (

    select
        * except (sent_updated_at, payload),
        xxhash64(user_id, coalesce(cast(listened_at as string), payload))
            as moment_key,
        {{ month_of('listened_at') }} as listened_month,
        if(reject_reason is not null, payload, null) as rejected_payload
    from judged

),

identified as (

    select
        *,
        xxhash64(moment_key, array_join(track_ids, ',')) as listening_key
    from keyed

),

{% if is_incremental() %}

touched as (

    select distinct listened_month from identified

),

before as (

    select * from {{ this }}

),

-- What was recorded before in the months that the new records fall into. By
-- the hint, these months alone are read, whatever there is of others.
recorded as (

    select /*+ broadcast(touched) */ before.*
    from before
    left semi join touched on before.listened_month = touched.listened_month

),

{% endif %}

versions as (

    select
        {{ version }}
    from identified

    {% if is_incremental() %}

    union all

    select
        {{ version }}
    from recorded

    {% endif %}

),

-- A later `updated_at` replaces what the user had at that time. Records that
-- agree in both but list other tracks are events of their own.
compared as (

    select
        *,
        max(updated_at) over (
            partition by moment_key, reject_reason
        ) as newest_at,
        row_number() over (
            partition by moment_key, reject_reason, listening_key
            order by {{ newest_first() }}
        ) as repetition
    from versions

),

ranked as (

    select
        * except (newest_at, repetition),
        if(updated_at <=> newest_at, repetition, repetition + 1) as recency
    from compared

),

listen_history_records as (

    select /*+ rebalance(listened_month) */
        * except (recency),
        {{ fate() }} as fate
    from ranked

)

select * from listen_history_records
