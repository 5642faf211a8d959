-- Landed = current + superseded + rejected: batch by batch the records of
-- silver are those that landed (as many, and their places add up to the same),
-- and each fate's records are where it says.
{% set tables = {
    'tracks': ['tracks_raw', 'track_records', 'track', 'track_id'],
    'users': ['users_raw', 'user_records', 'users', 'user_id'],
    'listen_history': [
        'listen_history_raw',
        'listen_history_records',
        'listen_history',
        'listening_key'
    ],
} %}

with

{% for endpoint, (raw, records, current, identifier) in tables.items() %}

{{ endpoint }}_landed as (

    select
        _batch_id as batch_id,
        count(*) as record_count,
        bit_xor(xxhash64(_page, _position)) as places
    from {{ ref(raw) }}
    group by _batch_id

),

{{ endpoint }}_ended as (

    select
        batch_id,
        count(*) as record_count,
        bit_xor(xxhash64(page, position)) as places,
        count_if(fate = 'current') as current_count,
        count_if(fate = 'rejected') as rejected_count
    from {{ ref(records) }}
    group by batch_id

),

{{ endpoint }}_current as (

    select count(distinct {{ identifier }}) as current_count
    from {{ ref(current) }}

),

{{ endpoint }}_rejected as (

    select count(*) as rejected_count
    from {{ ref('rejected_records') }}
    where endpoint = '{{ endpoint }}' and stage = 'cleaning'

),

{{ endpoint }}_fates as (

    select
        coalesce(sum(current_count), 0) as current_count,
        coalesce(sum(rejected_count), 0) as rejected_count
    from {{ endpoint }}_ended

),

{% endfor %}

unexplained as (

    {% for endpoint in tables %}

    select
        '{{ endpoint }}' as endpoint,
        coalesce({{ endpoint }}_landed.batch_id, {{ endpoint }}_ended.batch_id)
            as what
    from {{ endpoint }}_landed
    full join {{ endpoint }}_ended
        on {{ endpoint }}_landed.batch_id = {{ endpoint }}_ended.batch_id
    where
        {{ endpoint }}_landed.record_count is distinct from
        {{ endpoint }}_ended.record_count
        or {{ endpoint }}_landed.places is distinct from
        {{ endpoint }}_ended.places

    union all

    select
        '{{ endpoint }}' as endpoint,
        'records and tables disagree' as what
    from {{ endpoint }}_fates
    cross join {{ endpoint }}_current
    cross join {{ endpoint }}_rejected
    where
        {{ endpoint }}_fates.current_count
        != {{ endpoint }}_current.current_count
        or {{ endpoint }}_fates.rejected_count
        != {{ endpoint }}_rejected.rejected_count

    {{ 'union all' if not loop.last }}

    {% endfor %}

)

select * from unexplained
