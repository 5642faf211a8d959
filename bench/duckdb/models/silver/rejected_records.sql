with

rejected as (

    select
        endpoint,
        'landing' as stage,
        reason,
        payload,
        _batch_id as batch_id,
        _page as page,
        _position as position,
        _ingested_at as ingested_at
    from {{ ref('rejects_raw') }}

    {%- for endpoint, records in {
        'tracks': 'track_records',
        'users': 'user_records',
        'listen_history': 'listen_history_records',
    }.items() %}

    union all

    select
        '{{ endpoint }}' as endpoint,
        'cleaning' as stage,
        reject_reason as reason,
        rejected_payload as payload,
        batch_id,
        page,
        position,
        ingested_at
    from {{ ref(records) }}
    where fate = 'rejected'

    {%- endfor %}

)

select
    hash(rejected.endpoint, rejected.batch_id, rejected.page, rejected.position) as reject_key,
    rejected.endpoint,
    rejected.stage,
    rejected.reason,
    coalesce(reject_reasons.severity, 'error') as severity,
    coalesce(reject_reasons.remedy, 'Describe the reason in the seed.') as remedy,
    rejected.payload,
    rejected.batch_id,
    rejected.page,
    rejected.position,
    rejected.ingested_at
from rejected
left join {{ ref('reject_reasons') }} as reject_reasons on rejected.reason = reject_reasons.reason
