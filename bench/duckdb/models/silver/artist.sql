with

named as (

    select artist_name
    from {{ ref('track') }}
    where artist_name is not null
    union all
    select unnest(featured_artist_names) as artist_name from {{ ref('track') }}

)

select
    {{ artist_key('artist_name') }} as artist_key,
    min(artist_name) as artist_name
from named
group by 1
