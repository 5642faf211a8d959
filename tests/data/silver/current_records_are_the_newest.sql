-- No superseded version was changed after the one that superseded it. Only of
-- listening may a user have several current records at one time.
{% set records = {
    'track_records': 'track_id',
    'user_records': 'user_id',
    'listen_history_records': "concat_ws('@', user_id, listened_at)",
} %}

with

versions as (

    {% for table, identifier in records.items() %}

    select
        '{{ table }}' as record_table,
        cast({{ identifier }} as string) as identifier,
        max(updated_at) filter (where fate = 'superseded') as superseded_at,
        max(updated_at) filter (where fate = 'current') as current_at,
        count_if(fate = 'current') as current_count
    from {{ ref(table) }}
    where fate != 'rejected'
    group by {{ identifier }}

    {{ 'union all' if not loop.last }}

    {% endfor %}

)

select * from versions
where
    superseded_at > current_at
    or current_count = 0
    or (record_table != 'listen_history_records' and current_count > 1)
