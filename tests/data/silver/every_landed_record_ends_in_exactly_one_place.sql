-- Landed = current + superseded + rejected, record by record and in total.
{% set tables = {
    'tracks': ['tracks_raw', 'track_records', 'track'],
    'users': ['users_raw', 'user_records', 'users'],
    'listen_history': [
        'listen_history_raw', 'listen_history_records', 'listen_history'
    ],
} %}

with

{% for endpoint, (raw, records, current) in tables.items() %}

{{ endpoint }}_landed as (

    select
        '{{ endpoint }}' as endpoint,
        _batch_id as batch_id,
        _page as page,
        _position as position,
        1 as landed,
        0 as ended
    from {{ ref(raw) }}

    union all

    select
        '{{ endpoint }}' as endpoint,
        batch_id,
        page,
        position,
        0 as landed,
        1 as ended
    from {{ ref(records) }}

),

{% set identifier = 'listening_key' if endpoint == 'listen_history'
    else endpoint[:-1] ~ '_id' %}

{{ endpoint }}_current as (

    select
        '{{ endpoint }}' as endpoint,
        count(distinct {{ identifier }}) as current_count
    from {{ ref(current) }}

),

{{ endpoint }}_fates as (

    select
        '{{ endpoint }}' as endpoint,
        count_if(fate = 'current') as current_count,
        count_if(fate = 'rejected') as rejected_count
    from {{ ref(records) }}

),

{% endfor %}

rejected as (

    select
        endpoint,
        count(*) as rejected_count
    from {{ ref('rejected_records') }}
    where stage = 'cleaning'
    group by endpoint

),

unexplained as (

    {% for endpoint in tables %}

    select
        endpoint,
        concat_ws('/', batch_id, page, position) as what
    from {{ endpoint }}_landed
    group by endpoint, batch_id, page, position
    having sum(landed) != 1 or sum(ended) != 1

    union all

    select
        {{ endpoint }}_fates.endpoint,
        'records and tables disagree' as what
    from {{ endpoint }}_fates
    inner join {{ endpoint }}_current
        on {{ endpoint }}_fates.endpoint = {{ endpoint }}_current.endpoint
    left join rejected on {{ endpoint }}_fates.endpoint = rejected.endpoint
    where
        {{ endpoint }}_fates.current_count
        != {{ endpoint }}_current.current_count
        or {{ endpoint }}_fates.rejected_count
        != coalesce(rejected.rejected_count, 0)

    {{ 'union all' if not loop.last }}

    {% endfor %}

)

select * from unexplained
