{% set indexes = {'user_key': 'user_index', 'track_key': 'track_index'} %}

with

als_input as (

    select * from {{ ref('als_input') }}

),

counted as (

    {% for key, index in indexes.items() %}

    select
        '{{ index }}' as index_name,
        count(distinct {{ key }}) as key_count,
        count(distinct {{ index }}) as index_count,
        coalesce(max({{ index }}) + 1, 0) as expected_count
    from als_input

    {{ 'union all' if not loop.last }}

    {% endfor %}

)

select * from counted
where key_count != index_count or index_count != expected_count
