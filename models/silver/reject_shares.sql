with

track_records as (

    select * from {{ ref('track_records') }}

),

user_records as (

    select * from {{ ref('user_records') }}

),

listen_history_records as (

    select * from {{ ref('listen_history_records') }}

),

rejected_records as (

    select * from {{ ref('rejected_records') }}

),

reject_reasons as (

    select * from {{ ref('reject_reasons') }}

),

-- What could not be landed is in no other table.
received as (

    select
        endpoint,
        batch_id
    from rejected_records
    where stage = 'landing'

    {%- for endpoint, records in {
        'tracks': 'track_records',
        'users': 'user_records',
        'listen_history': 'listen_history_records',
    }.items() %}

    union all

    select
        '{{ endpoint }}' as endpoint,
        batch_id
    from {{ records }}

    {%- endfor %}

),

batches as (

    select
        endpoint,
        batch_id,
        count(*) as record_count,
        row_number() over (
            partition by endpoint
            order by batch_id desc
        ) = 1 as is_newest_batch
    from received
    group by endpoint, batch_id

),

rejected as (

    select
        endpoint,
        batch_id,
        reason,
        count(*) as reject_count
    from rejected_records
    group by endpoint, batch_id, reason

),

joined as (

    select
        ---------- keys
        batches.endpoint,
        batches.batch_id,
        rejected.reason,

        ---------- numbers
        rejected.reject_count,
        batches.record_count,
        rejected.reject_count / batches.record_count as reject_share,
        reject_reasons.tolerated_share,

        ---------- what a build makes of it
        reject_reasons.severity,
        batches.is_newest_batch,
        rejected.reject_count >= {{ var('fewest_rejects_to_judge') }}
        and rejected.reject_count / batches.record_count
        > reject_reasons.tolerated_share as is_beyond_tolerance

    from rejected
    inner join batches
        on
            rejected.endpoint = batches.endpoint
            and rejected.batch_id = batches.batch_id
    left join reject_reasons on rejected.reason = reject_reasons.reason

)

select * from joined
