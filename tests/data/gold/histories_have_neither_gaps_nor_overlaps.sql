-- Each version ends where the next begins, the first begins in 1900, and only
-- the last has no end.
{% set histories = {
    'dim_user_history': 'user_id',
    'dim_track_history': 'track_id',
} %}

with

neighbours as (

    {% for history, identifier in histories.items() %}

    select
        '{{ history }}' as history,
        {{ identifier }} as identifier,
        version_number,
        valid_from,
        valid_to,
        is_current,
        row_number() over (
            partition by {{ identifier }}
            order by valid_from
        ) as place,
        lag(valid_to) over (
            partition by {{ identifier }}
            order by valid_from
        ) as previous_valid_to,
        lead(valid_from) over (
            partition by {{ identifier }}
            order by valid_from
        ) as next_valid_from
    from {{ ref(history) }}

    {{ 'union all' if not loop.last }}

    {% endfor %}

)

select * from neighbours
where
    version_number != place
    or valid_from
    != if(place = 1, timestamp '1900-01-01', previous_valid_to)
    or not (valid_to <=> next_valid_from)
    or is_current != (next_valid_from is null)
