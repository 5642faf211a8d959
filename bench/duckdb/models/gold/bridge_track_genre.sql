with

-- A track without a genre has a row, without a name.
exploded as (

    select track_key, unnest(case when len(genre_names) > 0 then genre_names else [null] end) as genre_name
    from {{ ref('track') }}

),

keyed as (

    select distinct track_key, coalesce({{ key([genre_spelling('genre_name')]) }}, -1) as genre_key
    from exploded

)

select track_key, genre_key, 1.0::double / count(*) over (partition by track_key) as genre_weight
from keyed
union all
select -1, -1, 1
