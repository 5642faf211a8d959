with

rejected_records as (

    select * from {{ ref('rejected_records') }}

),

received as (

    select endpoint, batch_id
    from rejected_records
    where stage = 'landing'

    {%- for endpoint, records in {
        'tracks': 'track_records',
        'users': 'user_records',
        'listen_history': 'listen_history_records',
    }.items() %}

    union all

    select '{{ endpoint }}', batch_id from {{ ref(records) }}

    {%- endfor %}

),

batches as (

    select
        endpoint,
        batch_id,
        count(*) as record_count,
        row_number() over (partition by endpoint order by batch_id desc) = 1 as is_newest_batch
    from received
    group by endpoint, batch_id

),

rejected as (

    select endpoint, batch_id, reason, count(*) as reject_count
    from rejected_records
    group by endpoint, batch_id, reason

)

select
    batches.endpoint,
    batches.batch_id,
    rejected.reason,
    rejected.reject_count,
    batches.record_count,
    rejected.reject_count / batches.record_count as reject_share,
    reject_reasons.tolerated_share,
    reject_reasons.severity,
    batches.is_newest_batch,
    rejected.reject_count >= {{ var('fewest_rejects_to_judge') }}
    and rejected.reject_count / batches.record_count > reject_reasons.tolerated_share
        as is_beyond_tolerance
from rejected
inner join batches
    on rejected.endpoint = batches.endpoint and rejected.batch_id = batches.batch_id
left join {{ ref('reject_reasons') }} as reject_reasons on rejected.reason = reject_reasons.reason
