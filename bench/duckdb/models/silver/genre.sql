with

named as (

    select unnest(genre_names) as genre_name from {{ ref('track') }}
    union all
    select unnest(favourite_genre_names) as genre_name from {{ ref('users') }}

)

select
    {{ key([genre_spelling('genre_name')]) }} as genre_key,
    min(genre_name) as genre_name
from named
group by 1
