with

main as (

    select track_key, coalesce(artist_key, -1) as artist_key, 'main' as role
    from {{ ref('track') }}

),

named as (

    select track_key, unnest(featured_artist_names) as artist_name
    from {{ ref('track') }}

),

featured as (

    select distinct track_key, {{ artist_key('artist_name') }} as artist_key, 'featured' as role
    from named

)

select * from main
union all
select featured.*
from featured
anti join main on featured.track_key = main.track_key and featured.artist_key = main.artist_key
union all
select -1, -1, 'main'
